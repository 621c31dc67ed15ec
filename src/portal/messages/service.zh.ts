import { errorsZh } from './errors.zh.ts';
import { findingLinesZh, findingWordsZh, namesZh } from './findings.zh.ts';
import { damagesZh, notesZh, remediesZh } from './notes.zh.ts';
import type { ServiceTexts } from './service-texts.ts';

/** What the service says, by its codes; the rules of a template are at `fill`. */
export const serviceZh: ServiceTexts = {
  planStep: {
    'import-disk':
      '从备份存储读取 {read_bytes}，将 {written_bytes} 写入存储池 {pool} 中大小为 {size_bytes} 的新镜像，内容为 {disk} 在恢复点时的数据',
    'move-image': '将 {disk} 的新镜像从存储池 {from} 移动到存储池 {to}',
    'make-volume':
      '将 {disk} 的新镜像纳管为 Cinder 云硬盘“{name}”，{size_gib} GiB，类型 {type}[bootable?，可启动]，位于项目 {project}',
    'make-encrypted-volume':
      '在项目 {project} 中创建加密 Cinder 云硬盘“{name}”，{size_gib} GiB，类型 {type}[bootable?，可启动]，并用 {disk} 的新镜像替换其自身镜像',
    'detach-volume': '从云主机 {instance} 卸载云硬盘 {volume}；如果客户机不肯释放，恢复即告失败，并还原一切',
    'attach-volume':
      '将云硬盘“{name}”挂载到云主机 {instance} 的原位置[device?，设备 {device}][tag?，标签 {tag}]，[deleted?随云主机一起删除][deleted!不随云主机一起删除]',
    'keep-volume': '保留云硬盘 {volume} 的原样，不挂载到任何地方，直到有人删除它',
    'stop-instance': '关闭正在运行的云主机 {instance}，[off?约 {off}][off!时长未知][lock?，期间将其锁定]',
    'keep-instance-off': '确保现已关机的云主机 {instance} 保持关机[lock?，期间将其锁定]',
    'start-instance': '重新启动云主机 {instance}',
    'leave-instance-off': '云主机 {instance} 保持现在的关机状态',
    'swap-image': '用新镜像替换 {image}：[volume?云硬盘 {volume} ][volume!磁盘]的 ID、类型和挂载位置保持不变',
    'keep-image':
      '现有镜像以 emberkeep-undo-... 保留，完成后 {days} 天内可以撤销恢复，找回 {disk} 现在的内容',
    'keep-snapshot':
      '为 {image} 创建快照，完成后保留 {days} 天；在此期间可以撤销恢复，找回 {disk} 现在的内容',
    'write-back':
      '将与新镜像不同的部分直接写入 {image}，并全部读回核对：其上的快照和克隆保留；关机的云主机在此期间保持关机',
    'use-port': '使用仍然存在的端口 {port} 及其地址',
    'make-port':
      '在网络 {network} 上创建端口，[addresses?地址 {addresses}][addresses!任意空闲地址]，[mac?MAC 地址 {mac}][mac!新的 MAC 地址]',
    'make-instance':
      '在项目 {project} 中创建并启动云主机“{name}”：规格 {flavor}，{volumes} 个云硬盘，[ports?{ports} 个端口][ports!无网络]，[key_pair?密钥对 {key_pair}][key_pair!无密钥对]，[zone?可用域 {zone}][zone!任意可用域]',
  },
  loss: {
    'stays-on-volume': '它仍在云硬盘 {volume} 上，直到有人删除该云硬盘',
    'stays-in-image': '它仍在保留的镜像中，为期 {days} 天；之后将不复存在',
    'stays-in-snapshot': '它仍在保留的快照中，为期 {days} 天；之后将不复存在',
  },
  jobStep: {
    begun: '已开始',
    planned: '已制定计划',
    'planned-again': '已重新制定计划',
    'snapshots-taken': '已创建快照',
    'older-snapshots-released': '已释放较旧的快照',
    'snapshots-released': '已释放快照',
    'compared-with-source': '已与源比对',
    'point-stored': '恢复点已存入存储库',
    'point-committed': '恢复点已登记',
    'pausing-instance': '正在暂停云主机',
    'disk-imported': '已导入 {disk}',
    'another-image': '为 {disk} 另建镜像',
    'image-placed': '{disk} 的镜像已就位',
    'volume-made': '{disk} 的云硬盘已创建',
    'exchanging-volumes': '正在更换 {disk} 的云硬盘',
    'volumes-exchanged': '{disk} 的云硬盘已更换',
    'stopping-instance': '正在关闭云主机 {instance}',
    'instance-stopped': '云主机 {instance} 已关机',
    'to-be-written-back': '{disk} 将被写回',
    'writing-back': '正在写回 {disk} 的镜像',
    'written-back': '已写回 {disk} 的镜像',
    'swapping-image': '正在替换 {disk} 的镜像',
    'image-swapped': '已替换 {disk} 的镜像',
    'safety-snapshot': '已为 {disk} 创建安全快照',
    'disks-in-place': '磁盘已就位',
    'instance-released': '已释放云主机',
    'taking-back': '正在撤回已做的更改',
    'what-was-there-is-back': '原有内容已还原',
    'putting-back': '正在还原原有内容',
    'disks-are-back': '磁盘已恢复原状',
    'putting-old-volumes-back': '正在装回旧云硬盘',
    'old-volumes-back': '旧云硬盘已回到原位',
    'restored-volumes-done': '恢复出的云硬盘已处理',
    remark: '附注',
    'making-instance': '正在创建云主机',
    'instance-made': '云主机已创建',
    'points-verified': '已校验恢复点：{count}',
    proving: '正在试恢复 {point}',
    passed: '已处理 {point}',
    'points-deleted': '已删除 {count} 个恢复点',
    'links-dropped': '已删除 {count} 个链接',
    'folding-links': '正在合并 {disk} 的链接',
    'links-folded': '{disk} 的链接已合并',
    'folded-removed': '已移除 {disk} 的已合并链接',
    'links-left': '{disk} 的链接保持原样',
    'looked-for': '已检查：{what}',
    'compared-with-store': '已与存储库和集群比对',
    'points-read': '已读取 {count} 个恢复点',
    'deleted-links-read': '已读取已删除恢复点的链接',
  },
  protection: {
    'no-policy': '没有策略保护它[last_point_at?；最新恢复点为 {last_point_at}][last_point_at!，且没有恢复点]',
    'policy-disabled':
      '策略“{policy}”已停用[last_point_at?；最新恢复点为 {last_point_at}][last_point_at!，且没有恢复点]',
    'first-running':
      '策略“{policy}”：首次备份正在进行[elsewhere_at?；另一存储库中的最新恢复点为 {elsewhere_at}]',
    'first-failed':
      '策略“{policy}”：没有恢复点，备份失败[error?（{error}）][elsewhere_at?；另一存储库中的最新恢复点为 {elsewhere_at}]',
    'first-cancelled':
      '策略“{policy}”：没有恢复点，备份已取消[elsewhere_at?；另一存储库中的最新恢复点为 {elsewhere_at}]',
    'first-unplanned':
      '策略“{policy}”：没有恢复点，也没有计划备份[elsewhere_at?；另一存储库中的最新恢复点为 {elsewhere_at}]',
    'first-due':
      '策略“{policy}”：首次备份定于 {due_at}[elsewhere_at?；另一存储库中的最新恢复点为 {elsewhere_at}]',
    next: '策略“{policy}”：下次备份 {due_at}',
    'late-running': '策略“{policy}”：应于 {due_at} 进行的备份正在进行；最新恢复点为 {last_point_at}',
    'late-failed':
      '策略“{policy}”：应于 {due_at} 进行的备份失败[error?（{error}）]；最新恢复点为 {last_point_at}',
    'late-cancelled': '策略“{policy}”：应于 {due_at} 进行的备份已取消；最新恢复点为 {last_point_at}',
    'late-not-run': '策略“{policy}”：应于 {due_at} 进行的备份没有运行；最新恢复点为 {last_point_at}',
  },
  note: notesZh,
  finding: findingLinesZh,
  findingWord: findingWordsZh,
  name: namesZh,
  remedy: remediesZh,
  damage: damagesZh,
  error: errorsZh,
};
