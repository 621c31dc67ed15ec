"""The whole operating system of a demo guest: 512 bytes that show on the serial console what the disks hold.

The BIOS loads the first sector of the boot disk at 0x7C00 and jumps there. Ours prints its own text, reads the first
sector of the second disk (ext4 leaves the first 1024 bytes of a file system to boot loaders) and, if that begins with
DATA_MAGIC, prints the text after it. So after a reboot the console proves which contents both volumes have.
"""

ORIGIN = 0x7C00
DATA_BUFFER = 0x7E00
SECTOR_BYTES = 512
SIGNATURE = b"\x55\xaa"
DATA_MAGIC = b"EMBERKEEP:"
DATA_PREFIX = b"data: "
LINE_END = b"\r\n\0"


class Code:
    """Collects machine code; a label may be used before it is placed."""

    def __init__(self):
        self.bytes = bytearray()
        self.labels = {}
        self.fixups = []

    def put(self, data):
        self.bytes += data

    def label(self, name):
        self.labels[name] = len(self.bytes)

    def short(self, opcode, name):
        """A jump of one opcode byte and a signed distance of one byte."""
        self.fixups.append((len(self.bytes) + 1, name, 1))
        self.bytes += bytes([opcode, 0])

    def near(self, opcode, name):
        """A call of one opcode byte and a signed distance of two bytes."""
        self.fixups.append((len(self.bytes) + 1, name, 2))
        self.bytes += bytes([opcode, 0, 0])

    def address(self, opcode, name):
        """A load of a label's address into a 16-bit register."""
        self.fixups.append((len(self.bytes) + 1, name, 0))
        self.bytes += bytes([opcode, 0, 0])

    def link(self):
        for at, name, width in self.fixups:
            if width == 0:
                self.bytes[at : at + 2] = (ORIGIN + self.labels[name]).to_bytes(2, "little")
            else:
                distance = self.labels[name] - (at + width)
                self.bytes[at : at + width] = distance.to_bytes(width, "little", signed=True)
        return bytes(self.bytes)


def boot_sector(text):
    """The boot sector that prints `text`; ValueError when the text is too long."""
    code = Code()
    code.put(b"\xfa")  # cli
    code.put(b"\x31\xc0")  # xor ax, ax
    code.put(b"\x8e\xd8")  # mov ds, ax
    code.put(b"\x8e\xc0")  # mov es, ax
    code.put(b"\x8e\xd0")  # mov ss, ax
    code.put(b"\xbc\x00\x7c")  # mov sp, 0x7c00    the stack grows down from where we are
    code.put(b"\xfb")  # sti
    code.put(b"\xfc")  # cld
    code.address(0xBE, "text")  # mov si, text
    code.near(0xE8, "print")  # call print
    code.put(b"\xb8\x01\x02")  # mov ax, 0x0201    read one sector
    code.put(b"\xb9\x01\x00")  # mov cx, 0x0001    cylinder 0, sector 1
    code.put(b"\xba\x81\x00")  # mov dx, 0x0081    head 0 of the second disk
    code.put(b"\xbb" + DATA_BUFFER.to_bytes(2, "little"))  # mov bx, buffer
    code.put(b"\xcd\x13")  # int 0x13
    code.short(0x72, "halt")  # jc halt            there is no second disk
    code.put(b"\xbe" + DATA_BUFFER.to_bytes(2, "little"))  # mov si, buffer
    code.address(0xBF, "magic")  # mov di, magic
    code.put(b"\xb9" + len(DATA_MAGIC).to_bytes(2, "little"))  # mov cx, length
    code.put(b"\xf3\xa6")  # repe cmpsb
    code.short(0x75, "halt")  # jne halt           it holds no text of ours
    code.put(b"\x56")  # push si                   the text begins after the magic
    code.address(0xBE, "prefix")  # mov si, prefix
    code.near(0xE8, "print")  # call print
    code.put(b"\x5e")  # pop si
    code.near(0xE8, "print")  # call print
    code.address(0xBE, "end of line")  # mov si, end of line
    code.near(0xE8, "print")  # call print
    code.label("halt")
    code.put(b"\xf4")  # hlt
    code.short(0xEB, "halt")  # jmp halt

    code.label("print")  # the zero-terminated text at si goes to COM1
    code.put(b"\xac")  # lodsb
    code.put(b"\x84\xc0")  # test al, al
    code.short(0x74, "printed")  # jz printed
    code.put(b"\x88\xc4")  # mov ah, al
    code.put(b"\xba\xfd\x03")  # mov dx, 0x3fd     line status
    code.label("busy")
    code.put(b"\xec")  # in al, dx
    code.put(b"\xa8\x20")  # test al, 0x20         ready for the next byte?
    code.short(0x74, "busy")  # jz busy
    code.put(b"\xba\xf8\x03")  # mov dx, 0x3f8     data
    code.put(b"\x88\xe0")  # mov al, ah
    code.put(b"\xee")  # out dx, al
    code.short(0xEB, "print")  # jmp print
    code.label("printed")
    code.put(b"\xc3")  # ret

    code.label("magic")
    code.put(DATA_MAGIC)
    code.label("prefix")
    code.put(DATA_PREFIX + b"\0")
    code.label("text")
    code.put(text.encode())
    code.label("end of line")
    code.put(LINE_END)
    return fill_sector(code.link(), SIGNATURE)


def data_sector(text):
    """The first sector of a data disk whose `text` the boot sector shows; no BIOS takes it for a boot sector."""
    return fill_sector(DATA_MAGIC + text.encode() + b"\0", b"\0\0")


def fill_sector(content, ending):
    room = SECTOR_BYTES - len(ending)
    if len(content) > room:
        raise ValueError(f"the text is {len(content) - room} bytes too long for a sector")
    return content.ljust(room, b"\0") + ending
