// Written by `npm run portal:types` from the OpenAPI document; not by hand.
export interface paths {
    "/v1/instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List instances with their newest recovery point */
        get: operations["listInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/instances/{name_or_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show an instance with its disks and recovery points */
        get: operations["showInstance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Back something up now
         * @description Starts one job for an instance, a volume or an image, and one for each image of a pool.
         */
        post: operations["requestBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List recovery points, newest first */
        get: operations["listPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/points/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a recovery point with its disks and links */
        get: operations["showPoint"];
        put?: never;
        post?: never;
        /**
         * Delete a recovery point
         * @description Starts a job that deletes it and folds the links that only it needed into later ones.
         */
        delete: operations["deletePoint"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restore-plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show what a restore would do
         * @description Takes what `POST /v1/restores` takes, and changes nothing. What stands against the restore is listed, all of it, with status 200; the restore itself would be refused with it.
         */
        post: operations["planRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores/{id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what approving a restore would begin
         * @description For a restore that waits for an approval: the plan as `POST /v1/restore-plans` gives it, of what was asked for.
         */
        get: operations["planWaitingRestore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List restores, newest first */
        get: operations["listRestores"];
        put?: never;
        /**
         * Bring a recovery point back
         * @description Where the project asks for an approval, the restore is `pending` and has no job until an administrator approves it.
         */
        post: operations["requestRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a restore and what it made */
        get: operations["showRestore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back a restore that succeeded
         * @description For the modes in-place and replace, until `undo_until`: what was there before is in its place again, and what was written since the restore is lost.
         */
        post: operations["undoRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a restore begin that waits for an approval
         * @description Administrators only, and never by who asked for it.
         */
        post: operations["approveRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse a restore that waits for an approval
         * @description Administrators only; the reason is shown to who asked for it.
         */
        post: operations["rejectRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restores/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw a restore that waits, or stop one that runs
         * @description One that waits is withdrawn by who asked for it; one that has a job is cancelled as that job is, and then undoes what it began.
         */
        post: operations["cancelRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the projects for which something is set
         * @description Tenants see their own.
         */
        get: operations["listProjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/project-names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the projects by name (administrators, and the system)
         * @description From Keystone, for those who would else read ids.
         */
        get: operations["listProjectNames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{name_or_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what tenants of a project may restore */
        get: operations["showProject"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set what tenants of a project may restore
         * @description Administrators only. What is left out stays as it is.
         */
        patch: operations["changeProject"];
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was done, and what was refused, newest first
         * @description Tenants see what was done to things of their project.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List instances or volumes with how they are protected, and why not */
        get: operations["listCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/coverage/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count what is protected, stale and unprotected, by project
         * @description Projects with the most gaps come first.
         */
        get: operations["summarizeCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show how the service is doing (administrators, and the system)
         * @description From the database alone, so that it answers whatever the cloud does; `/v1/coverage/projects` counts what is protected.
         */
        get: operations["showOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stores/{name_or_id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show how much a store holds, day by day (administrators, and the system) */
        get: operations["showStoreUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/disks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List disks that have something in a store, with their chains
         * @description Of instances, and lone ones; by their keys. Tenants see what points of their project brought.
         */
        get: operations["listDisks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List volumes with their newest recovery point */
        get: operations["listVolumes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes/{name_or_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a volume */
        get: operations["showVolume"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the stores that points are in (administrators, and the system)
         * @description Those of the configuration, the default one first, then others that points are known in.
         */
        get: operations["listStores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stores/{name_or_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a store (administrators, and the system) */
        get: operations["showStore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/expirations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete points that no rule keeps
         * @description Starts one job for each source and store with something to delete, and says which points go and why the others stay. With dry_run nothing is started.
         */
        post: operations["requestExpiration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a reconciliation found (administrators, and the system)
         * @description By the id of its job; `GET /v1/jobs?kind=reconcile` lists those.
         */
        get: operations["listFindings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove what jobs left behind, and compare the catalog with the store and the clusters (administrators)
         * @description Starts a job that looks for what is the service's own and no job and no restore needs: images, snapshots, volumes, unfinished links. Its result lists each with its place, age and size, what was or would be done with it, and why. It also tells where catalog, store and clusters do not agree (`drift`), and changes nothing of that.
         */
        post: operations["requestReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify recovery points
         * @description Starts one job. It succeeds when it could look at every point, whatever it found: its result counts the points that are intact, damaged and unverified. What it found of a point is in the point.
         */
        post: operations["requestVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/rebuilds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring points and links back from a store (administrators)
         * @description Starts a job that reads every manifest of the store and adds what the catalog lacks. What is broken is told in the job's log, one line each, and passed over; what the catalog has stays as it is.
         */
        post: operations["requestRebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List policies, newest first
         * @description Tenants see those that are published, and those that are assigned in their project.
         */
        get: operations["listPolicies"];
        put?: never;
        /**
         * Make a policy
         * @description Administrators only.
         */
        post: operations["createPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{name_or_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a policy */
        get: operations["showPolicy"];
        put?: never;
        post?: never;
        /**
         * Delete a policy
         * @description Administrators only. Points stay.
         */
        delete: operations["deletePolicy"];
        options?: never;
        head?: never;
        /**
         * Change a policy
         * @description Administrators only. What is left out stays as it is.
         */
        patch: operations["changePolicy"];
        trace?: never;
    };
    "/v1/policies/{name_or_id}/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would exist of one source, day by day */
        post: operations["simulatePolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{name_or_id}/assignments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what a policy is assigned to, newest first */
        get: operations["listPolicyAssignments"];
        put?: never;
        /**
         * Assign a policy
         * @description Tenants assign published policies to instances of their own, to their project, or to metadata and tags in it. An instance follows one policy: what names the instance itself comes first, then its own metadata or tag `emberkeep:policy`, then other metadata and tags, then its project.
         */
        post: operations["assignPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{name_or_id}/assignments/{assignment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take an assignment away
         * @description What an administrator assigned, only an administrator takes away. Points stay.
         */
        delete: operations["unassignPolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{name_or_id}/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what a policy protects, with last and next run, newest first */
        get: operations["listPolicySources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List jobs, newest first */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a job */
        get: operations["showJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a job to stop
         * @description The job undoes what it began and then ends as cancelled; follow it to see that.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job as server-sent events
         * @description Events named step, log and state carry a JobEvent; those named progress have no id and carry the progress in their data; the last one, named end, carries the Job itself. A client that lost the connection sends the last id it saw as Last-Event-ID and goes on from there.
         */
        get: operations["watchJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the RBD pools */
        get: operations["listPools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{pool}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the RBD images of a pool */
        get: operations["listImages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{pool}/images/{image}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the snapshots of an RBD image */
        get: operations["listSnapshots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        JobEvent: {
            id: number;
            job_id: string;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            at: string;
            /** @enum {string} */
            kind: "step" | "progress" | "log" | "state";
            /** @description Of a `step` its English text as `step`, of a `log` as `message`; and where the text has one its stable `code` with `params` that stand in it; a parameter that is itself such a text has its own as `NAME_code` and `NAME_params`. */
            data: {
                [key: string]: unknown;
            };
        };
        InstanceSummary: {
            id: string;
            name: string;
            status: string;
            project_id: string;
            last_point: {
                id: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                taken_at: string;
            } | null;
            /** @description null for one that is gone from Nova. */
            protection: components["schemas"]["Protection"] | null;
        };
        Protection: {
            /**
             * @description `stale`: the newest good point is older than its policy's interval allows.
             * @enum {string}
             */
            state: "protected" | "stale" | "unprotected";
            /** @description In English. */
            reason: string;
            /**
             * @description What the reason says.
             * @enum {string}
             */
            code: "no-policy" | "policy-disabled" | "first-running" | "first-failed" | "first-cancelled" | "first-unplanned" | "first-due" | "next" | "late-running" | "late-failed" | "late-cancelled" | "late-not-run";
            /** @description What stands in the sentence; a part without its parameter is left out. */
            params: {
                [key: string]: string | number | boolean;
            };
            /** @description Name of the policy that makes its points. */
            policy: string | null;
            /**
             * Format: date-time
             * @description When that policy backs it up next.
             * @example 2026-11-22T10:00:00.000Z
             */
            next_run_at: string | null;
            /**
             * Format: date-time
             * @description When its newest good point becomes, or became, too old; null without one.
             * @example 2026-11-22T10:00:00.000Z
             */
            stale_at: string | null;
        };
        Error: {
            error: {
                /** @description The HTTP status. */
                code: number;
                title: string;
                /** @description What is wrong and what to do. */
                message: string;
                /** @description Stable code, such as NOTFOUND_RESOURCE. */
                type: string;
                details: {
                    [key: string]: unknown;
                };
                request_id: string;
            };
        };
        Instance: components["schemas"]["InstanceDescription"] & {
            disks: components["schemas"]["Disk"][];
            points: components["schemas"]["Point"][];
            last_point: {
                id: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                taken_at: string;
            } | null;
            protection: components["schemas"]["Protection"];
        };
        Disk: {
            key: string;
            /** @enum {string} */
            kind: "volume" | "nova-disk" | "image";
            cluster: string;
            pool: string;
            image: string;
            size_bytes: number | null;
            volume: components["schemas"]["Volume"] | null;
            attachment: components["schemas"]["Attachment"] | null;
        };
        Volume: {
            id: string;
            name: string;
            description: string | null;
            project_id: string;
            size_gib: number;
            volume_type: string | null;
            /** @description Administrators only. */
            host: string | null;
            availability_zone: string | null;
            bootable: boolean;
            encrypted: boolean;
            multiattach: boolean;
            metadata: {
                [key: string]: string;
            };
            image_metadata: {
                [key: string]: string;
            };
        };
        Attachment: {
            instance_id: string;
            device: string | null;
            tag: string | null;
            delete_on_termination: boolean;
            is_root: boolean;
            boot_index: number | null;
        };
        Point: {
            id: string;
            /** @enum {string} */
            kind: "instance" | "volume" | "image";
            source_id: string;
            source_name: string;
            project_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            taken_at: string;
            /** @enum {string} */
            state: "complete" | "damaged" | "deleted";
            /** @enum {string} */
            type: "full" | "increment" | "mixed";
            consistency: string;
            /** @description Number of disks. */
            disks: number;
            size_bytes: number;
            stored_bytes: number;
            /** @description Name of the store that it is in; an id when the service has it no more. */
            store: string;
            last_verified: {
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                at: string;
                /** @enum {string} */
                level: "quick" | "full" | "deep";
                /** @enum {string} */
                outcome: "intact" | "damaged";
            } | null;
            /**
             * Format: date-time
             * @description When a restore of it last was the same as the store.
             * @example 2026-11-22T10:00:00.000Z
             */
            last_proven: string | null;
        };
        InstanceDescription: {
            id: string;
            name: string;
            project_id: string;
            user_id: string | null;
            status: string;
            /** @description Administrators only. */
            host: string | null;
            availability_zone: string | null;
            key_name: string | null;
            has_user_data: boolean;
            config_drive: boolean;
            image_id: string | null;
            flavor: {
                original_name: string;
                vcpus: number;
                ram_mib: number;
                disk_gib: number;
                ephemeral_gib: number;
                swap_mib: number;
                extra_specs: {
                    [key: string]: string;
                };
            };
            metadata: {
                [key: string]: string;
            };
            tags: string[];
            security_groups: string[];
            server_groups: string[];
            ports: {
                port_id: string;
                network_id: string;
                mac_address: string;
                fixed_ips: {
                    subnet_id: string;
                    ip_address: string;
                }[];
            }[];
        };
        Job: {
            id: string;
            /** @enum {string} */
            kind: "backup" | "restore" | "undo" | "verify" | "expire" | "rebuild" | "reconcile";
            /** @enum {string} */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            project_id: string | null;
            /** @description What the job works on: kind, with id and name, or pool and image. */
            target: {
                [key: string]: unknown;
            };
            step: string | null;
            /** @description bytes_total is null while it is not known. */
            progress: ({
                bytes_done: number;
                bytes_total: number | null;
            } & {
                [key: string]: unknown;
            }) | null;
            /** @description How often a worker has started it. */
            attempt: number;
            request_id: string;
            cancel_requested: boolean;
            /** @description Of a verification: its points with the `reason` in English, and where that has one its `reason_code` with `reason_params`. Of a reconciliation its `problems`, and with codes as `problems_said`. */
            result: {
                [key: string]: unknown;
            } | null;
            error: {
                type: string;
                message: string;
                details: {
                    [key: string]: unknown;
                };
            } | null;
            requested_by: {
                user_id: string;
                user_name: string;
            };
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            finished_at: string | null;
        };
        BackupRequest: {
            /** @description Exactly one of instance, volume, image or pool. */
            target: {
                instance?: string;
                volume?: string;
                /** @example volumes/volume-6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f */
                image?: string;
                pool?: string;
                /** @description Cluster of the image or pool, as the service knows it; the default one when left out. */
                cluster?: string;
            };
            /**
             * @description Start a new cycle whatever the chain says.
             * @default false
             */
            full?: boolean;
            /** @description How long a cycle lasts, instead of what the service is configured for. */
            cycle?: {
                /** @description Increments after a full. */
                increments?: number;
                /** @description Greatest age of a full, days. */
                days?: number;
            };
            /** @description MiB a second that the exports of all disks together may take. */
            bandwidth_mib?: number;
            /** @description Name of a store; the default one when left out. */
            store?: string;
            /**
             * @description paused: the instance stands still while its snapshots are taken. For instances only.
             * @default crash
             * @enum {string}
             */
            consistency?: "crash" | "paused";
        };
        PointDetail: {
            id: string;
            /** @enum {string} */
            kind: "instance" | "volume" | "image";
            source_id: string;
            source_name: string;
            project_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            taken_at: string;
            /** @enum {string} */
            state: "complete" | "damaged" | "deleted";
            /** @enum {string} */
            type: "full" | "increment" | "mixed";
            consistency: string;
            size_bytes: number;
            stored_bytes: number;
            /** @description Name of the store that it is in; an id when the service has it no more. */
            store: string;
            last_verified: {
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                at: string;
                /** @enum {string} */
                level: "quick" | "full" | "deep";
                /** @enum {string} */
                outcome: "intact" | "damaged";
            } | null;
            /**
             * Format: date-time
             * @description When a restore of it last was the same as the store.
             * @example 2026-11-22T10:00:00.000Z
             */
            last_proven: string | null;
            store_id: string;
            /** @description Time between the first and the last snapshot. */
            spread_ms: number;
            /** @description How long the backup had the instance paused; null when it had not. */
            paused_ms: number | null;
            instance: components["schemas"]["InstanceDescription"] | null;
            disks: components["schemas"]["Disk"][];
            links: components["schemas"]["Link"][];
        };
        Link: {
            id: string;
            disk_key: string;
            /** @enum {string} */
            kind: "full" | "increment";
            chain_id: string;
            parent_link_id: string | null;
            depth: number;
            image: string;
            snapshot: string;
            size_bytes: number;
            stored_bytes: number;
            data_bytes: number;
            store: string;
        };
        RestorePlan: {
            point_id: string;
            /** @enum {string} */
            kind: "instance" | "volume" | "image";
            source_name: string;
            project_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            taken_at: string;
            /** @enum {string} */
            mode: "image" | "volume" | "replace" | "in-place" | "instance";
            possible: boolean;
            /** @description All that stands against it. */
            problems: components["schemas"]["RestoreProblem"][];
            /** @description In their order; empty when it is not possible. */
            steps: components["schemas"]["PlannedStep"][];
            disks: components["schemas"]["PlannedDisk"][];
            read_bytes: number;
            written_bytes: number;
            /** @description Roughly, by earlier restores of this mode; null when there was none. */
            duration_seconds: number | null;
            /** @description Of it, with the instance off; null when it is not known, or none is stopped. */
            stopped_seconds: number | null;
            /** @description Earlier restores that say so. */
            measured_restores: number;
            /** @description Empty when nothing is lost. */
            losses: components["schemas"]["PlannedLoss"][];
            /** @description For how long it can be undone; null for what leaves everything that is there as it is. */
            undo_days: number | null;
            /**
             * Format: date-time
             * @description When the newest point was taken, if it is a later one; it stays.
             * @example 2026-11-22T10:00:00.000Z
             */
            later_point_at: string | null;
            /** @description What will be otherwise than recorded. */
            notes: string[];
            /** @description The notes with their codes. */
            said_notes: components["schemas"]["SaidNote"][];
        };
        RestoreProblem: {
            /** @description Of the error that it would be alone. */
            code: string;
            what: string;
            /** @description What to do about it, in English. */
            remedy: string;
            /**
             * @description null for words that have none.
             * @enum {string|null}
             */
            remedy_code: "another-name" | "flavor-list" | "name-flavor" | "zone-list" | "keypair-list" | "network-list" | "name-networks" | "use-id" | "use-ids" | "disks-are" | "raise-quota" | "mode-image-disks" | "enable-project" | "another-mode" | "mode-volume" | "it-mode-volume" | "mode-volume-boot" | "mode-image" | "in-place-or-image" | "in-place-while-there" | "root-too" | "extend-first" | "start-or-stop" | "close-there" | "close" | "remove-or-rename" | "restore-again" | "restore-again-too" | "wait-for-job" | "rbd-status" | "scoped-token" | "no-name" | "check-volume-service" | "other-ceph" | "delete-then-undo" | "detach-first" | "undo-first" | "undo-one-first" | "keeps-content" | "stays-there" | "untouched" | "untouched-restore" | "untouched-rename" | null;
            /** @description What stands in the sentence; a part without its parameter is left out. */
            remedy_params: {
                [key: string]: string | number | boolean;
            };
            disk_key: string | null;
        };
        PlannedStep: {
            /** @enum {string} */
            kind: "import" | "move" | "make" | "stop" | "detach" | "attach" | "swap" | "write-back" | "keep" | "start" | "leave-off";
            /** @enum {string} */
            code: "import-disk" | "move-image" | "make-volume" | "make-encrypted-volume" | "detach-volume" | "attach-volume" | "keep-volume" | "stop-instance" | "keep-instance-off" | "start-instance" | "leave-instance-off" | "swap-image" | "keep-image" | "keep-snapshot" | "write-back" | "use-port" | "make-port" | "make-instance";
            /** @description What stands in the sentence; a part without its parameter is left out. */
            params: {
                [key: string]: string | number | boolean;
            };
            /** @description One sentence for people, in English. */
            text: string;
            disk_key: string | null;
            instance_id: string | null;
            volume_id: string | null;
        };
        PlannedDisk: {
            disk_key: string;
            device: string | null;
            size_bytes: number;
            /** @description Fetched from the store, as stored. */
            read_bytes: number;
            /** @description Live at the point. */
            written_bytes: number;
        };
        PlannedLoss: {
            disk_key: string;
            /** @description At most so much was written since the point, in whole objects of the image; null when that cannot be told. */
            changed_bytes: number | null;
            /** @description The same since the newest point of the disk: what no point has. */
            unsaved_bytes: number | null;
            /** @enum {string} */
            code: "stays-on-volume" | "stays-in-image" | "stays-in-snapshot";
            /** @description What stands in the sentence; a part without its parameter is left out. */
            params: {
                [key: string]: string | number | boolean;
            };
            /** @description Where it can still be had, in English. */
            text: string;
        };
        SaidNote: {
            /** @description In English. */
            text: string;
            /**
             * @description null for words that have none.
             * @enum {string|null}
             */
            code: "name-taken" | "flavor-replaced" | "flavor-replaced-differs" | "flavor-changed" | "zone-gone" | "server-group-gone" | "key-pair-gone" | "subnet-gone" | "address-in-use" | "mac-in-use" | "security-group-gone" | "security-group-ambiguous" | "volume-type-replaced" | "not-attached" | "extended" | "own-image" | "attached-too" | "volume-made" | "volume-in-place" | "instance-active" | "failed-restore-removed" | "image-is-point" | "image-written" | "image-left-open" | "waits-for-room" | "undo-withdrawn" | "instance-not-released" | "volume-kept" | "image-left-over" | "snapshots-left-over" | "another-first" | "increment" | "full" | "older-snapshots-stay" | "failed-backup-removed" | "samples-skipped" | "clock-behind" | "paused-already" | "not-running" | "paused" | "not-paused" | "pause-too-long" | "pause-broken" | "runs-again" | "full-requested" | "full-store-changed" | "full-first" | "full-cycle-length" | "full-cycle-age" | "full-cluster-changed" | "full-image-moved" | "full-image-recreated" | "full-snapshot-missing" | "full-snapshot-recreated" | "full-other" | "store-away" | "point-damaged" | "point-unverified" | "snapshot-stays" | "folded" | "not-folded" | "expire-again" | "fold-not-undone" | "rebuild-reading" | "rebuild-reading-dry" | "rebuild-damaged" | "rebuild-unneeded" | "rebuild-unfinished" | "rebuild-more" | "rebuild-foreign" | "rebuild-mixed-up" | "rebuild-missing" | "rebuild-point-unreadable" | "rebuild-link-unreadable" | "not-looked-for" | "not-listed" | null;
            /** @description What stands in the sentence; a part without its parameter is left out. */
            params: {
                [key: string]: string | number | boolean;
            };
        };
        RestoreRequest: {
            /** @description A point by id, or the newest one of an instance, volume or image taken at or before `at` (`latest` when left out). */
            point: {
                /** Format: uuid */
                id?: string;
                instance?: string;
                volume?: string;
                /** @example volumes/volume-6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f */
                image?: string;
                at?: string;
            };
            /** @enum {string} */
            mode: "image" | "volume" | "replace" | "in-place" | "instance";
            /**
             * @description Volume ids, disk keys or device names; empty means all that the mode can restore.
             * @default []
             */
            disks?: string[];
            /** @description Name of the new volume, image or instance. */
            name?: string;
            /**
             * @description Import the links one by one, as `rbd import-diff` by hand would, instead of flattened.
             * @default false
             */
            plain?: boolean;
            /** @description For mode `instance`: what it is to have instead of what was recorded, by name or id. */
            instance?: {
                flavor?: string;
                /** @description One port on each of these instead of the recorded ports; none when the list is empty. */
                networks?: string[];
                /** @description A key pair of the caller's. */
                key_name?: string;
                availability_zone?: string;
            };
        };
        Restore: {
            id: string;
            /** @description null while it waits for an approval, and if it got none. */
            job_id: string | null;
            point_id: string;
            /** @description What the point is of, by its name then. */
            source_name: string | null;
            /** @enum {string} */
            mode: "image" | "volume" | "replace" | "in-place" | "instance";
            project_id: string | null;
            /** @enum {string} */
            state: "pending" | "rejected" | "expired" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "undone";
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            finished_at: string | null;
            /**
             * Format: date-time
             * @description Until when it can be undone; null for what cannot be, or not any more.
             * @example 2026-11-22T10:00:00.000Z
             */
            undo_until: string | null;
            requested_by: components["schemas"]["Requester"] | null;
            /** @description null for one that needed no approval. */
            approval: components["schemas"]["RestoreApproval"] | null;
            undo_job_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            undone_at: string | null;
            /** @description Of the job that works on it now, its own or its undo; null when none does. */
            progress: ({
                bytes_done: number;
                bytes_total: number | null;
            } & {
                [key: string]: unknown;
            }) | null;
            disks: components["schemas"]["RestoredDisk"][];
            /** @description What mode `instance` made. */
            instance: components["schemas"]["RestoredInstance"] | null;
        };
        Requester: {
            user_id: string;
            user_name: string;
        };
        RestoreApproval: {
            /**
             * Format: date-time
             * @description Until when it could be approved.
             * @example 2026-11-22T10:00:00.000Z
             */
            pending_until: string;
            /** @description Who approved, rejected or withdrew it. */
            decided_by: components["schemas"]["Requester"] | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            decided_at: string | null;
            reason: string | null;
        };
        RestoredDisk: {
            disk_key: string;
            size_bytes: number;
            image: string;
            new_volume_id: string | null;
            new_volume_type: string | null;
            replaced_volume_id: string | null;
            /** @description Where mode in-place keeps what was there before, until it is undone or its undo expires. */
            kept_image: string | null;
            /** @description Where mode in-place does so when it wrote into the image that was there. */
            kept_snapshot: string | null;
            device: string | null;
            notes: string[];
            /** @description The notes with their codes. */
            said_notes: components["schemas"]["SaidNote"][];
        };
        RestoredInstance: {
            id: string;
            name: string;
            flavor: string;
            /** @description What came out otherwise than recorded. */
            notes: string[];
            /** @description The notes with their codes. */
            said_notes: components["schemas"]["SaidNote"][];
        };
        Decision: {
            reason?: string;
        };
        Rejection: {
            reason: string;
        };
        Project: {
            id: string;
            /** @description Whether tenants may restore at all. */
            tenant_restores: boolean;
            /** @description Modes in which a tenant's restore waits for an administrator's approval. */
            approval_modes: ("image" | "volume" | "replace" | "in-place" | "instance")[];
            /**
             * Format: date-time
             * @description null when nobody has set anything.
             * @example 2026-11-22T10:00:00.000Z
             */
            updated_at: string | null;
            updated_by: components["schemas"]["Requester"] | null;
        };
        ProjectName: {
            id: string;
            name: string;
            domain_id: string;
            enabled: boolean;
        };
        ProjectChange: {
            /** @description Whether tenants may restore at all. */
            tenant_restores?: boolean;
            /** @description Modes in which a tenant's restore waits for an administrator's approval. */
            approval_modes?: ("image" | "volume" | "replace" | "in-place" | "instance")[];
        };
        AuditEntry: {
            id: string;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            at: string;
            user_id: string | null;
            user_name: string | null;
            /** @description What else is known of who did it: project, roles, network address. */
            actor: {
                [key: string]: unknown;
            };
            /** @example restore.approve */
            action: string;
            target: {
                [key: string]: unknown;
            };
            /** @description `allowed`, `refused`, or what came of it. */
            result: string;
            /** @description Whose thing it was about. */
            project_id: string | null;
            request_id: string | null;
        };
        CoverageEntry: {
            /** @enum {string} */
            kind: "instance" | "volume";
            id: string;
            name: string;
            project_id: string;
            last_point: {
                id: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                taken_at: string;
            } | null;
            protection: components["schemas"]["Protection"];
        };
        ProjectCoverage: {
            project_id: string;
            instances: components["schemas"]["CoverageCounts"];
            volumes: components["schemas"]["CoverageCounts"];
        };
        CoverageCounts: {
            protected: number;
            stale: number;
            unprotected: number;
        };
        Overview: {
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            at: string;
            /** @description Enabled ones that protect something, those with the most gaps first. */
            policies: {
                id: string;
                name: string;
                /** @description Instances and volumes that it backs up. */
                sources: number;
                /** @description Of these, those without a good point since `due_at`. */
                missed: number;
                /**
                 * Format: date-time
                 * @description The last run that every source must have a point of.
                 * @example 2026-11-22T10:00:00.000Z
                 */
                due_at: string;
                /**
                 * Format: date-time
                 * @description The oldest of the newest points of its sources.
                 * @example 2026-11-22T10:00:00.000Z
                 */
                oldest_point_at: string | null;
            }[];
            /** @description Queued and running ones. */
            jobs: {
                /** @enum {string} */
                kind: "backup" | "restore" | "undo" | "verify" | "expire" | "rebuild" | "reconcile";
                /** @enum {string} */
                state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
                jobs: number;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                oldest_created_at: string;
            }[];
            /** @description Jobs that failed within 24 hours, and within 7 times 24. */
            failures: {
                /** @enum {string} */
                kind: "backup" | "restore" | "undo" | "verify" | "expire" | "rebuild" | "reconcile";
                last_day: number;
                last_week: number;
            }[];
            damaged_points: number;
            /** @description Restores that wait for an approval. */
            pending_restores: number;
            /** @description The newest of each level. */
            verifications: {
                level: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                at: string;
            }[];
            stores: {
                store_id: string;
                links: number;
                stored_bytes: number;
            }[];
        };
        StoreUsage: {
            store_id: string;
            /** @description Now. */
            links: number;
            /** @description Now. */
            stored_bytes: number;
            /** @description As it was at the first look of each day (UTC), oldest first. */
            days: {
                /** Format: date */
                day: string;
                links: number;
                stored_bytes: number;
            }[];
        };
        StoredDisk: {
            key: string;
            cluster: string;
            pool: string;
            image: string;
            /** @description At its newest link. */
            size_bytes: number;
            links: number;
            /** @description All of its links together. */
            stored_bytes: number;
            /** @description null when only links are left that other chains or points stand on. */
            last_point: {
                id: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                taken_at: string;
                /** @enum {string} */
                state: "complete" | "damaged" | "deleted";
            } | null;
            /** @description What its points are of, the newest first. */
            sources: {
                /** @enum {string} */
                kind: "instance" | "volume" | "image";
                id: string;
                name: string;
                project_id: string | null;
            }[];
            /** @description Newest first. */
            chains: {
                id: string;
                links: number;
                stored_bytes: number;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                began_at: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                newest_at: string;
                damaged: boolean;
            }[];
        };
        VolumeSummary: {
            id: string;
            name: string;
            status: string;
            project_id: string;
            size_gib: number;
            /** @description Instances that it is attached to. */
            instance_ids: string[];
            /** @description Its own, or of an instance that it was part of. */
            last_point: {
                id: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                taken_at: string;
            } | null;
            protection: components["schemas"]["Protection"];
        };
        Store: {
            /** @description null for one that was never there. */
            id: string | null;
            /** @description null for one that the service has no more. */
            name: string | null;
            /** @description What names no store goes here. */
            default: boolean;
            /**
             * @description unconfigured: points are known in it, but the service has it no more.
             * @enum {string}
             */
            state: "available" | "away" | "unconfigured";
            /** @description Where it is, without credentials. */
            url: string;
            description: string | null;
            links: number;
            /** @description Of the segments and indexes of its links. */
            stored_bytes: number;
            /** @description Of the file system that a directory is on. */
            total_bytes: number | null;
            free_bytes: number | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            created_at: string | null;
        };
        Expiration: {
            /** @enum {string} */
            kind: "instance" | "volume" | "image";
            source_id: string;
            source_name: string;
            project_id: string | null;
            store_id: string;
            /** @description Its name; null when the service has it no more. */
            store: string | null;
            /** @description All points of the source in the store, newest first. */
            points: components["schemas"]["ExpirationPoint"][];
            /** @description Links that nothing stands on: known exactly. */
            frees_at_least_bytes: number;
            /** @description And the links that are folded into later ones, if nothing in them lives on. */
            frees_at_most_bytes: number;
            /** @description More than now, while links are folded. */
            needs_at_most_bytes: number;
            notes: string[];
            /** @description null in a dry run, and when there is nothing to do. */
            job: components["schemas"]["Job"] | null;
        };
        ExpirationPoint: {
            id: string;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            taken_at: string;
            /** @enum {string} */
            state: "complete" | "damaged" | "deleted";
            goes: boolean;
            /** @description Why it stays; empty when it goes. */
            reasons: string[];
        };
        ExpirationRequest: {
            /** @description Name or id of an instance or volume, or CLUSTER/POOL/IMAGE, that has points. */
            source?: string;
            /**
             * @description Every source there is. Administrators only.
             * @enum {boolean}
             */
            all?: true;
            /** @description Exactly these points. */
            points?: string[];
            /** @description Only what is in this store, by name or id; else what is in any, each store by itself. */
            store?: string;
            /** @description Which points stay, instead of what the service is configured for. The newest complete one always does. */
            keep?: {
                /** @description The newest points. */
                last?: number;
                /** @description The newest point of so many hours (UTC) that have one. */
                hourly?: number;
                daily?: number;
                weekly?: number;
                monthly?: number;
                yearly?: number;
                /** @description Every point that is not older, days. */
                within_days?: number;
            };
            /**
             * @description fold deletes any point and folds links that later ones stand on; chains only deletes whole chains.
             * @default fold
             * @enum {string}
             */
            strategy?: "fold" | "chains";
            /**
             * @description The newest complete point of a source may go when it is among `points`.
             * @default false
             */
            allow_newest?: boolean;
            /**
             * @description Only say what would go.
             * @default false
             */
            dry_run?: boolean;
        };
        ReconciliationFinding: {
            number: number;
            /** @enum {string} */
            kind: "volume" | "moved-image" | "migration" | "fresh-image" | "scratch-image" | "snapshot" | "trash-image" | "link-folder" | "paused-instance" | "link-missing" | "link-unknown" | "point-missing" | "point-unknown" | "snapshot-missing";
            what: string;
            where: string;
            age_seconds: number | null;
            size_bytes: number | null;
            /**
             * @description `drift`: catalog, store or cluster do not agree, and nothing was changed.
             * @enum {string}
             */
            outcome: "found" | "done" | "left" | "failed" | "drift";
            action: string | null;
            /**
             * @description null for words that have none.
             * @enum {string|null}
             */
            action_code: "remove-image" | "abort-migration" | "remove-snapshot" | "remove-folder" | "unpause-instance" | "delete-volume" | "empty-trash" | "restore-ended" | "ended-before-taken" | "another-image" | "verification-ended" | "undo-over" | "no-manifest" | "left-paused" | "no-increment" | "deleted-with-snapshots" | "link-lost" | "link-unneeded" | "point-lost" | "point-unlisted" | "snapshot-removed" | "another-job" | "fresh-images" | "moved-images" | "unfinished-links" | "paused-instances" | "scratch-images" | "stranded-snapshots" | "trashed-images" | "marked-volumes" | "links-compared" | "points-compared" | "snapshots-compared" | "pool-images" | "pool-trash" | null;
            /** @description Why it is nobody’s; of drift, what follows and what to do. */
            reason: string;
            /**
             * @description null for words that have none.
             * @enum {string|null}
             */
            reason_code: "remove-image" | "abort-migration" | "remove-snapshot" | "remove-folder" | "unpause-instance" | "delete-volume" | "empty-trash" | "restore-ended" | "ended-before-taken" | "another-image" | "verification-ended" | "undo-over" | "no-manifest" | "left-paused" | "no-increment" | "deleted-with-snapshots" | "link-lost" | "link-unneeded" | "point-lost" | "point-unlisted" | "snapshot-removed" | "another-job" | "fresh-images" | "moved-images" | "unfinished-links" | "paused-instances" | "scratch-images" | "stranded-snapshots" | "trashed-images" | "marked-volumes" | "links-compared" | "points-compared" | "snapshots-compared" | "pool-images" | "pool-trash" | null;
            /** @description What stands in the sentence; a part without its parameter is left out. */
            reason_params: {
                [key: string]: string | number | boolean;
            };
            note: string | null;
            /**
             * @description null for words that have none.
             * @enum {string|null}
             */
            note_code: "remove-image" | "abort-migration" | "remove-snapshot" | "remove-folder" | "unpause-instance" | "delete-volume" | "empty-trash" | "restore-ended" | "ended-before-taken" | "another-image" | "verification-ended" | "undo-over" | "no-manifest" | "left-paused" | "no-increment" | "deleted-with-snapshots" | "link-lost" | "link-unneeded" | "point-lost" | "point-unlisted" | "snapshot-removed" | "another-job" | "fresh-images" | "moved-images" | "unfinished-links" | "paused-instances" | "scratch-images" | "stranded-snapshots" | "trashed-images" | "marked-volumes" | "links-compared" | "points-compared" | "snapshots-compared" | "pool-images" | "pool-trash" | null;
        };
        ReconciliationRequest: {
            /**
             * @description Only say what would be done.
             * @default false
             */
            dry_run?: boolean;
        };
        VerificationRequest: {
            target: {
                /** Format: uuid */
                point?: string;
                /** @description Name or id of an instance or volume, or CLUSTER/POOL/IMAGE: all its points. */
                source?: string;
                /**
                 * @description All points that the caller may restore.
                 * @enum {boolean}
                 */
                all?: true;
            };
            /**
             * @description quick: manifests, indexes, presence and sizes; full: also the bytes of every segment; deep: a restore into a scratch image, compared with the store and the source.
             * @default full
             * @enum {string}
             */
            level?: "quick" | "full" | "deep";
        };
        RebuildRequest: {
            /**
             * @description Only say what would be done.
             * @default false
             */
            dry_run?: boolean;
            /** @description The store that is meant: its name, an absolute path or s3://BUCKET/PREFIX; refused when it is not among this service's. May be left out when there is one only. */
            store?: string;
        };
        Policy: {
            id: string;
            name: string;
            description: string;
            /** @description Every project may see and choose it. */
            published: boolean;
            enabled: boolean;
            schedule: {
                /**
                 * @description Five fields: minute, hour, day of month, month, day of week.
                 * @example 0 2 * * *
                 */
                cron?: string;
                /**
                 * @description Name of the tz database; UTC when left out.
                 * @example Europe/Berlin
                 */
                time_zone?: string;
                /**
                 * @description Counted from midnight UTC of 1970-01-01.
                 * @example 6h
                 */
                every?: string;
            };
            /** @description null: what the service is configured for. */
            cycle: {
                /** @description Increments after a full. */
                increments?: number;
                /** @description Greatest age of a full, days. */
                days?: number;
                /**
                 * @description One full, and increments for ever.
                 * @enum {boolean}
                 */
                forever?: true;
            } | null;
            /** @description null: every point stays. */
            retention: {
                /** @description Which points stay, instead of what the service is configured for. The newest complete one always does. */
                keep?: {
                    /** @description The newest points. */
                    last?: number;
                    /** @description The newest point of so many hours (UTC) that have one. */
                    hourly?: number;
                    daily?: number;
                    weekly?: number;
                    monthly?: number;
                    yearly?: number;
                    /** @description Every point that is not older, days. */
                    within_days?: number;
                };
                /**
                 * @description fold deletes any point; chains only whole chains. fold when left out.
                 * @enum {string}
                 */
                strategy?: "fold" | "chains";
                /** @description Whole chains go once all of their points are older than so many cycles. */
                cycles?: number;
            } | null;
            /**
             * @description paused: the instance stands still while its disks are snapshotted.
             * @enum {string}
             */
            consistency: "crash" | "paused";
            /** @description In which a run may begin; null: at any time. */
            window: {
                /** @example 22:00 */
                start: string;
                /** @example 22:00 */
                end: string;
                /**
                 * @description Name of the tz database; UTC when left out.
                 * @example Europe/Berlin
                 */
                time_zone?: string;
                /**
                 * @description What becomes of a backup that still runs when the window closes; `finish` when left out. One that has not begun is ended and begins when it opens again.
                 * @enum {string}
                 */
                at_end?: "finish" | "cancel";
            } | null;
            /** @description Runs of different sources begin within so many minutes, each always at its own. */
            spread_minutes: number;
            /** @description MiB a second that the backup of one source may read; null: as fast as the service may. */
            bandwidth_mib: number | null;
            /** @description Name of the store that its backups go to; null: the default one. */
            store: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            updated_at: string;
        };
        SimulatedDay: {
            /**
             * Format: date
             * @description UTC.
             */
            date: string;
            taken: {
                /**
                 * Format: date-time
                 * @example 2026-11-22T10:00:00.000Z
                 */
                at: string;
                /** @enum {string} */
                kind: "full" | "increment";
            }[];
            /** @description When the points that go on this day had been taken. */
            deleted: string[];
            /** @description At the end of the day. */
            points: number;
            fulls: number;
            increments: number;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            oldest: string | null;
        };
        PolicySimulationRequest: {
            /** @default 90 */
            days?: number;
            /** Format: date-time */
            from?: string;
            /** @description Id of a source, for its place in the spread. */
            source?: string;
        };
        PolicyRequest: {
            /** @description Up to 40 letters, digits, ".", "_" and "-". */
            name: string;
            /** @default  */
            description?: string;
            /** @default false */
            published?: boolean;
            /** @default true */
            enabled?: boolean;
            schedule: {
                /**
                 * @description Five fields: minute, hour, day of month, month, day of week.
                 * @example 0 2 * * *
                 */
                cron?: string;
                /**
                 * @description Name of the tz database; UTC when left out.
                 * @example Europe/Berlin
                 */
                time_zone?: string;
                /**
                 * @description Counted from midnight UTC of 1970-01-01.
                 * @example 6h
                 */
                every?: string;
            };
            /**
             * @description null: what the service is configured for.
             * @default null
             */
            cycle?: {
                /** @description Increments after a full. */
                increments?: number;
                /** @description Greatest age of a full, days. */
                days?: number;
                /**
                 * @description One full, and increments for ever.
                 * @enum {boolean}
                 */
                forever?: true;
            } | null;
            /**
             * @description null: every point stays.
             * @default null
             */
            retention?: {
                /** @description Which points stay, instead of what the service is configured for. The newest complete one always does. */
                keep?: {
                    /** @description The newest points. */
                    last?: number;
                    /** @description The newest point of so many hours (UTC) that have one. */
                    hourly?: number;
                    daily?: number;
                    weekly?: number;
                    monthly?: number;
                    yearly?: number;
                    /** @description Every point that is not older, days. */
                    within_days?: number;
                };
                /**
                 * @description fold deletes any point; chains only whole chains. fold when left out.
                 * @enum {string}
                 */
                strategy?: "fold" | "chains";
                /** @description Whole chains go once all of their points are older than so many cycles. */
                cycles?: number;
            } | null;
            /**
             * @description paused: the instance stands still while its disks are snapshotted.
             * @default crash
             * @enum {string}
             */
            consistency?: "crash" | "paused";
            /**
             * @description In which a run may begin; null: at any time.
             * @default null
             */
            window?: {
                /** @example 22:00 */
                start: string;
                /** @example 22:00 */
                end: string;
                /**
                 * @description Name of the tz database; UTC when left out.
                 * @example Europe/Berlin
                 */
                time_zone?: string;
                /**
                 * @description What becomes of a backup that still runs when the window closes; `finish` when left out. One that has not begun is ended and begins when it opens again.
                 * @enum {string}
                 */
                at_end?: "finish" | "cancel";
            } | null;
            /**
             * @description Runs of different sources begin within so many minutes, each always at its own.
             * @default 0
             */
            spread_minutes?: number;
            /**
             * @description MiB a second that the backup of one source may read; null: as fast as the service may.
             * @default null
             */
            bandwidth_mib?: number | null;
            /**
             * @description Name of the store that its backups go to; null: the default one.
             * @default null
             */
            store?: string | null;
        };
        /** @description What is left out stays as it is. */
        PolicyChange: {
            description?: string;
            published?: boolean;
            enabled?: boolean;
            schedule?: {
                /**
                 * @description Five fields: minute, hour, day of month, month, day of week.
                 * @example 0 2 * * *
                 */
                cron?: string;
                /**
                 * @description Name of the tz database; UTC when left out.
                 * @example Europe/Berlin
                 */
                time_zone?: string;
                /**
                 * @description Counted from midnight UTC of 1970-01-01.
                 * @example 6h
                 */
                every?: string;
            };
            /** @description null: what the service is configured for. */
            cycle?: {
                /** @description Increments after a full. */
                increments?: number;
                /** @description Greatest age of a full, days. */
                days?: number;
                /**
                 * @description One full, and increments for ever.
                 * @enum {boolean}
                 */
                forever?: true;
            } | null;
            /** @description null: every point stays. */
            retention?: {
                /** @description Which points stay, instead of what the service is configured for. The newest complete one always does. */
                keep?: {
                    /** @description The newest points. */
                    last?: number;
                    /** @description The newest point of so many hours (UTC) that have one. */
                    hourly?: number;
                    daily?: number;
                    weekly?: number;
                    monthly?: number;
                    yearly?: number;
                    /** @description Every point that is not older, days. */
                    within_days?: number;
                };
                /**
                 * @description fold deletes any point; chains only whole chains. fold when left out.
                 * @enum {string}
                 */
                strategy?: "fold" | "chains";
                /** @description Whole chains go once all of their points are older than so many cycles. */
                cycles?: number;
            } | null;
            /**
             * @description paused: the instance stands still while its disks are snapshotted.
             * @enum {string}
             */
            consistency?: "crash" | "paused";
            /** @description In which a run may begin; null: at any time. */
            window?: {
                /** @example 22:00 */
                start: string;
                /** @example 22:00 */
                end: string;
                /**
                 * @description Name of the tz database; UTC when left out.
                 * @example Europe/Berlin
                 */
                time_zone?: string;
                /**
                 * @description What becomes of a backup that still runs when the window closes; `finish` when left out. One that has not begun is ended and begins when it opens again.
                 * @enum {string}
                 */
                at_end?: "finish" | "cancel";
            } | null;
            /** @description Runs of different sources begin within so many minutes, each always at its own. */
            spread_minutes?: number;
            /** @description MiB a second that the backup of one source may read; null: as fast as the service may. */
            bandwidth_mib?: number | null;
            /** @description Name of the store that its backups go to; null: the default one. */
            store?: string | null;
        };
        PolicyAssignment: {
            id: string;
            policy_id: string;
            /** @enum {string} */
            kind: "instance" | "project" | "metadata" | "tag" | "pool";
            /** @description instance_id, project_id, key and value, tag, or cluster and pool. */
            selector: {
                [key: string]: string;
            };
            /** @description Only what is in this project; null: in any. */
            project_id: string | null;
            /** @description Only an administrator can take it away. */
            by_admin: boolean;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            created_at: string;
        };
        PolicyAssignmentRequest: {
            instance?: string;
            /** @description A project's id. */
            project?: string;
            /** @description Instances with this key and value. */
            metadata?: {
                key: string;
                value: string;
            };
            /** @description Instances with this tag. */
            tag?: string;
            /** @description Every image of an RBD pool. Administrators only. */
            pool?: string;
            cluster?: string;
            /** @description Beside metadata or tag: only instances of this project; a tenant's own always. */
            project_id?: string;
        };
        PolicySource: {
            id: string;
            /** @enum {string} */
            kind: "instance" | "volume" | "image";
            source_id: string;
            source_name: string;
            project_id: string | null;
            /**
             * @description What assigns the policy to it: `instance` itself, its own `choice` (metadata or tag `emberkeep:policy`), other metadata or a tag, its project, or a pool. null until assignments are looked at next.
             * @enum {string|null}
             */
            reached_by: "instance" | "choice" | "metadata" | "tag" | "project" | "pool" | null;
            /** @description Deleted from the cloud; its points stay as the retention says. */
            gone: boolean;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            last_run_at: string | null;
            /** @enum {string|null} */
            last_state: "running" | "succeeded" | "failed" | "cancelled" | null;
            last_error: string | null;
            /** @description The backup under way. */
            job_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            next_run_at: string | null;
        };
        Pool: {
            cluster: string;
            pool: string;
            images: number;
            used_bytes: number;
            available_bytes: number;
        };
        Image: {
            cluster: string;
            pool: string;
            image: string;
            image_id: string;
            size_bytes: number;
            snapshots: number;
            watchers: number;
            disk_key: string;
        };
        Snapshot: {
            id: number;
            name: string;
            size_bytes: number;
            /**
             * Format: date-time
             * @example 2026-11-22T10:00:00.000Z
             */
            created_at: string | null;
            protected: boolean;
            /** @description Taken by this service. */
            ours: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listInstances: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                name?: string;
                /** @description Part of the name, in upper or lower case. */
                search?: string;
                /** @description Administrators only. */
                project_id?: string;
                /** @description Only instances that are gone from Nova and have recovery points. */
                deleted?: "true" | "false";
                /** @description Administrators only: instances of every project. */
                all_projects?: "true" | "false";
                /** @description Nova's status, such as ACTIVE; not with `deleted`. */
                status?: string;
                /** @description Not with `deleted`. */
                protection?: "protected" | "stale" | "unprotected";
                /** @description Newest first when left out; not with `deleted`. What has no value comes last. */
                sort?: "name:asc" | "name:desc" | "created_at:asc" | "created_at:desc" | "status:asc" | "status:desc" | "protection:asc" | "protection:desc" | "last_point_at:asc" | "last_point_at:desc" | "next_run_at:asc" | "next_run_at:desc" | "policy:asc" | "policy:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        instances: components["schemas"]["InstanceSummary"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        instance: components["schemas"]["Instance"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    requestBackup: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        jobs: components["schemas"]["Job"][];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listPoints: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                kind?: "instance" | "volume" | "image";
                /** @description Name or id of the instance or volume, or POOL/IMAGE. */
                source?: string;
                /** @description What the name of the instance or volume begins with, in upper or lower case. These are listed by name; no other sort goes with it. */
                source_prefix?: string;
                state?: "complete" | "damaged";
                /** @description Taken at or after this instant. */
                since?: string;
                /** @description Taken before this instant. */
                before?: string;
                /** @description In this store, by name or id. */
                store?: string;
                /** @description Administrators only. */
                project_id?: string;
                /** @description Newest first when left out. What has no value comes last. */
                sort?: "taken_at:asc" | "taken_at:desc" | "source_name:asc" | "source_name:desc" | "size_bytes:asc" | "size_bytes:desc" | "stored_bytes:asc" | "stored_bytes:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        points: components["schemas"]["Point"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showPoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        point: components["schemas"]["PointDetail"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deletePoint: {
        parameters: {
            query?: {
                dry_run?: "true" | "false";
                /** @description Delete it also when it is the newest complete point of its source. */
                allow_newest?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        expiration: components["schemas"]["Expiration"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    planRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore_plan: components["schemas"]["RestorePlan"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    planWaitingRestore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore_plan: components["schemas"]["RestorePlan"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listRestores: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                state?: "pending" | "rejected" | "expired" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "undone";
                mode?: "image" | "volume" | "replace" | "in-place" | "instance";
                point_id?: string;
                /** @description Id of the instance, volume or image that the points are of. */
                source_id?: string;
                project_id?: string;
                /** @description Newest first when left out. What has no value comes last. */
                sort?: "created_at:asc" | "created_at:desc" | "mode:asc" | "mode:desc" | "undo_until:asc" | "undo_until:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restores: components["schemas"]["Restore"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    requestRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore: components["schemas"]["Restore"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showRestore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore: components["schemas"]["Restore"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    undoRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        job: components["schemas"]["Job"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    approveRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore: components["schemas"]["Restore"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    rejectRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rejection"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore: components["schemas"]["Restore"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    cancelRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore: components["schemas"]["Restore"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listProjects: {
        parameters: {
            query?: {
                limit?: number;
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        projects: components["schemas"]["Project"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listProjectNames: {
        parameters: {
            query?: {
                /** @description Everything when left out. */
                limit?: number;
                /** @description Id of the last project of the page before. */
                marker?: string;
                /** @description Part of the name or id, in upper or lower case. */
                search?: string;
                /** @description By name when left out. */
                sort?: "name:asc" | "name:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        projects: components["schemas"]["ProjectName"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        project: components["schemas"]["Project"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    changeProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        project: components["schemas"]["Project"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last entry of the page before. */
                marker?: string;
                /** @description At or after this instant. */
                since?: string;
                /** @description Before this instant. */
                before?: string;
                action?: string;
                result?: string;
                user_id?: string;
                request_id?: string;
                project_id?: string;
                /** @description Newest first when left out. */
                sort?: "at:asc" | "at:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        audit: components["schemas"]["AuditEntry"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listCoverage: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                /** @description Another project: administrators, and the system. */
                project_id?: string;
                /** @description Every project: administrators, and the system. */
                all_projects?: "true" | "false";
                kind?: "instance" | "volume";
                state?: "protected" | "stale" | "unprotected";
                /** @description Part of the name, in upper or lower case. */
                search?: string;
                /** @description Newest first when left out. What has no value comes last. */
                sort?: "name:asc" | "name:desc" | "protection:asc" | "protection:desc" | "last_point_at:asc" | "last_point_at:desc" | "next_run_at:asc" | "next_run_at:desc" | "policy:asc" | "policy:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        coverage: components["schemas"]["CoverageEntry"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    summarizeCoverage: {
        parameters: {
            query?: {
                /** @description Another project: administrators, and the system. */
                project_id?: string;
                /** @description Every project: administrators, and the system. */
                all_projects?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        projects: components["schemas"]["ProjectCoverage"][];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        overview: components["schemas"]["Overview"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showStoreUsage: {
        parameters: {
            query?: {
                /** @description From the day (UTC) of this instant on; 90 days when left out, ten years at most. */
                since?: string;
            };
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        usage: components["schemas"]["StoreUsage"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listDisks: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Key of the last disk of the page before. */
                marker?: string;
                /** @description Name or id of the instance or volume, or CLUSTER/POOL/IMAGE. */
                source?: string;
                /** @description Administrators, and the system. */
                project_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        disks: components["schemas"]["StoredDisk"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listVolumes: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                name?: string;
                /** @description Part of the name, in upper or lower case. */
                search?: string;
                /** @description Another project: administrators, and the system. */
                project_id?: string;
                /** @description Every project: administrators, and the system. */
                all_projects?: "true" | "false";
                protection?: "protected" | "stale" | "unprotected";
                /** @description Newest first when left out. What has no value comes last. */
                sort?: "name:asc" | "name:desc" | "size:asc" | "size:desc" | "status:asc" | "status:desc" | "protection:asc" | "protection:desc" | "last_point_at:asc" | "last_point_at:desc" | "next_run_at:asc" | "next_run_at:desc" | "policy:asc" | "policy:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volumes: components["schemas"]["VolumeSummary"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showVolume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volume: components["schemas"]["VolumeSummary"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listStores: {
        parameters: {
            query?: {
                /** @description Everything when left out. */
                limit?: number;
                /** @description Id of the last store of the page before; its name where it has no id. */
                marker?: string;
                state?: "available" | "away" | "unconfigured";
                /** @description The default one first when left out. What has no value comes last. */
                sort?: "name:asc" | "name:desc" | "links:asc" | "links:desc" | "stored_bytes:asc" | "stored_bytes:desc" | "free_bytes:asc" | "free_bytes:desc" | "created_at:asc" | "created_at:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        stores: components["schemas"]["Store"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showStore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        store: components["schemas"]["Store"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    requestExpiration: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExpirationRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        expirations: components["schemas"]["Expiration"][];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listFindings: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Number of the last finding of the page before. */
                marker?: string;
                kind?: "volume" | "moved-image" | "migration" | "fresh-image" | "scratch-image" | "snapshot" | "trash-image" | "link-folder" | "paused-instance" | "link-missing" | "link-unknown" | "point-missing" | "point-unknown" | "snapshot-missing";
                outcome?: "found" | "done" | "left" | "failed" | "drift";
                /** @description As they were found when left out. What has no value comes last. */
                sort?: "what:asc" | "what:desc" | "kind:asc" | "kind:desc" | "outcome:asc" | "outcome:desc" | "age:asc" | "age:desc" | "size:asc" | "size:desc";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        findings: components["schemas"]["ReconciliationFinding"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    requestReconciliation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReconciliationRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        job: components["schemas"]["Job"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    requestVerification: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerificationRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        job: components["schemas"]["Job"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    requestRebuild: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RebuildRequest"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        job: components["schemas"]["Job"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listPolicies: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                /** @description Part of the name, in upper or lower case. */
                search?: string;
                /** @description Only those that make backups, or that do not. */
                enabled?: "true" | "false";
                /** @description Only those that tenants may choose, or may not. */
                published?: "true" | "false";
                /** @description Newest first when left out. */
                sort?: "created_at:asc" | "created_at:desc" | "name:asc" | "name:desc" | "updated_at:asc" | "updated_at:desc" | "enabled:asc" | "enabled:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        policies: components["schemas"]["Policy"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createPolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        policy: components["schemas"]["Policy"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        policy: components["schemas"]["Policy"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deletePolicy: {
        parameters: {
            query?: {
                /** @description Also when it protects something, which is backed up no more then. */
                force?: "true" | "false";
            };
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        policy: components["schemas"]["Policy"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    changePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        policy: components["schemas"]["Policy"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    simulatePolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicySimulationRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        days: components["schemas"]["SimulatedDay"][];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listPolicyAssignments: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                /** @description Only what is in this project; everything that the caller may see without it. */
                project_id?: string;
                kind?: "instance" | "project" | "metadata" | "tag" | "pool";
                /** @description Newest first when left out. */
                sort?: "created_at:asc" | "created_at:desc" | "kind:asc" | "kind:desc";
            };
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        assignments: components["schemas"]["PolicyAssignment"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    assignPolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyAssignmentRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        assignment: components["schemas"]["PolicyAssignment"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    unassignPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name_or_id: string;
                assignment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        assignment: components["schemas"]["PolicyAssignment"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listPolicySources: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                /** @description Only what is in this project; everything that the caller may see without it. */
                project_id?: string;
                reached_by?: "instance" | "choice" | "metadata" | "tag" | "project" | "pool";
                last_state?: "running" | "succeeded" | "failed" | "cancelled";
                /** @description Newest first when left out. What has no value comes last. */
                sort?: "created_at:asc" | "created_at:desc" | "source_name:asc" | "source_name:desc" | "reached_by:asc" | "reached_by:desc" | "last_state:asc" | "last_state:desc" | "last_run_at:asc" | "last_run_at:desc" | "next_run_at:asc" | "next_run_at:desc";
            };
            header?: never;
            path: {
                name_or_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sources: components["schemas"]["PolicySource"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Id of the last item of the page before. */
                marker?: string;
                kind?: "backup" | "restore" | "undo" | "verify" | "expire" | "rebuild" | "reconcile";
                state?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
                /** @description Id of the instance or volume, or CLUSTER/POOL/IMAGE, that they or their points are of. */
                source_id?: string;
                /** @description Id of the request that asked for them: the backup of a whole pool is a job for each image. */
                request_id?: string;
                /** @description Asked for at or after this instant. */
                since?: string;
                /** @description Asked for before this instant. */
                before?: string;
                /** @description Administrators, and the system. */
                project_id?: string;
                /** @description Newest first when left out. What has no value comes last. */
                sort?: "created_at:asc" | "created_at:desc" | "finished_at:asc" | "finished_at:desc" | "duration:asc" | "duration:desc" | "kind:asc" | "kind:desc" | "state:asc" | "state:desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        jobs: components["schemas"]["Job"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    showJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        job: components["schemas"]["Job"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of a request that may be repeated: within a day the same key gets the same answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        job: components["schemas"]["Job"];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    watchJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listPools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pools: components["schemas"]["Pool"][];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listImages: {
        parameters: {
            query?: {
                /** @description The default cluster when left out. */
                cluster?: string;
                limit?: number;
                /** @description Name of the last image of the page before. */
                marker?: string;
            };
            header?: never;
            path: {
                pool: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        images: components["schemas"]["Image"][];
                        /** @description Holds the address of the next page; empty on the last one. */
                        links: {
                            /** @enum {string} */
                            rel: "next";
                            href: string;
                        }[];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listSnapshots: {
        parameters: {
            query?: {
                /** @description The default cluster when left out. */
                cluster?: string;
            };
            header?: never;
            path: {
                pool: string;
                image: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        snapshots: components["schemas"]["Snapshot"][];
                    };
                };
            };
            /** @description An error. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
