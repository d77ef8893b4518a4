"""What batch systems document that a script may ask for: names of options, and no more.

SLURM: the OPTIONS of ``doc/man/man1/sbatch.1`` of Slurm 26.11 (github.com/SchedMD/slurm, 284c3b9).
HTCondor: the commands (``:subcom-def:``) of ``docs/man-pages/htcondor-jdl.rst`` of 25.14
(github.com/htcondor/htcondor), where also ``MY.NAME`` and ``+NAME`` are attributes.
"""

from __future__ import annotations

_SBATCH = """
account acctg-freq array batch bb bbf begin chdir cluster-constraint clusters comment
consolidate-segments constraint container container-id contiguous core-spec cores-per-socket
cpu-freq cpus-per-gpu cpus-per-task deadline delay-boot dependency distribution error exclude
exclusive export export-file extra extra-node-info get-user-env gid gpu-bind gpu-freq gpus
gpus-per-node gpus-per-socket gpus-per-task gres gres-flags help hint ignore-pbs input job-name
kill-on-invalid-dep licenses mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu
mem-update mincpus network nice no-kill no-requeue nodefile nodelist nodes ntasks ntasks-per-core
ntasks-per-gpu ntasks-per-node ntasks-per-socket oom-kill-step open-mode output overcommit
oversubscribe parsable partition prefer priority profile propagate qos quiet reboot requeue
reservation resources resv-ports runtime segment signal sockets-per-node spread-job spread-segments
stepmgr switches test-only thread-spec threads-per-core time time-min tmp tres-bind tres-per-task
uid usage use-min-nodes verbose version wait wait-all-nodes wckey wrap
"""

_SBATCH_SHORT = """
A=account B=extra-node-info C=constraint D=chdir F=nodefile G=gpus J=job-name L=licenses M=clusters
N=nodes O=overcommit Q=quiet S=core-spec V=version W=wait a=array b=begin c=cpus-per-task
d=dependency e=error h=help i=input k=no-kill m=distribution n=ntasks o=output p=partition q=qos
s=oversubscribe t=time v=verbose w=nodelist x=exclude
"""

_CONDOR = """
accounting_group accounting_group_user allowed_execute_duration allowed_job_duration
arc_application arc_data_staging arc_resources arc_rte arguments aws_access_key_id_file aws_region
aws_secret_access_key_file azure_admin_key azure_admin_username azure_auth_file azure_image
azure_location azure_size batch_extra_submit_args batch_name batch_project batch_queue
batch_runtime checkpoint_destination checkpoint_exit_code cloud_label_names concurrency_limits
concurrency_limits_expr container_image container_is_common container_service_names
container_target_dir coresize cron_day_of_month cron_day_of_week cron_hour cron_minute cron_month
cron_prep_time cron_window cuda_version dagman_log deferral_prep_time deferral_time deferral_window
delegate_job_gsi_credentials_lifetime description docker_image docker_network_type
docker_override_entrypoint docker_pull_policy dont_encrypt_input_files dont_encrypt_output_files
ec2_access_key_id ec2_ami_id ec2_availability_zone ec2_block_device_mapping ec2_ebs_volumes
ec2_elastic_ip ec2_iam_profile_arn ec2_iam_profile_name ec2_instance_type ec2_keypair
ec2_keypair_file ec2_parameter_names ec2_secret_access_key ec2_security_groups ec2_security_ids
ec2_spot_price ec2_tag_names ec2_user_data ec2_user_data_file ec2_vpc_ip ec2_vpc_subnet
email_attributes encrypt_execute_directory encrypt_input_files encrypt_output_files environment
erase_output_and_error_on_restart error executable gce_account gce_auth_file gce_image
gce_json_file gce_machine_type gce_metadata gce_metadata_file gce_preemptible getenv
gpus_maximum_capability gpus_minimum_capability gpus_minimum_memory gpus_minimum_runtime
grid_resource gs_access_key_id_file gs_secret_access_key_file hold hold_kill_sig image_size
initialdir input jar_files java_vm_args job_ad_information_attrs job_lease_duration
job_machine_attrs job_machine_attrs_history_length job_max_vacate_time keep_claim_idle kill_sig
kill_sig_timeout leave_in_queue load_profile log log_xml machine_count manifest manifest_dir
match_list_length max_idle max_job_retirement_time max_materialize max_retries
max_transfer_input_mb max_transfer_output_mb mount_under_scratch next_job_start_delay nice_user
noop_job noop_job_exit_code noop_job_exit_signal notification notify_user on_exit_hold
on_exit_hold_reason on_exit_hold_subcode on_exit_remove output output_destination output_directory
periodic_hold periodic_hold_reason periodic_hold_subcode periodic_release periodic_remove
periodic_vacate preserve_relative_paths primary_unix_group priority public_input_files queue rank
remote_initialdir remove_kill_sig rendezvousdir request_cpus request_disk request_gpus
request_memory require_gpus requirements retry_request_disk retry_request_memory
retry_request_memory_increase retry_request_memory_max retry_until run_as_owner
s3_access_key_id_file s3_secret_access_key_file scitokens_file shell should_transfer_files
skip_filechecks skip_if_dataflow stack_size starter_debug starter_log stream_error stream_input
stream_output submit_event_notes submit_event_notes_attrs submit_event_user_notes success_exit_code
transfer_checkpoint_files transfer_container transfer_error transfer_executable transfer_input
transfer_input_files transfer_output transfer_output_files transfer_output_remaps transfer_plugins
ulog_execute_attrs universe use_oauth_services use_scitokens use_x509userproxy vm_checkpoint
vm_disk vm_macaddr vm_memory vm_networking vm_networking_type vm_no_output_vm vm_type
want_graceful_removal want_job_networking wantnametag when_to_transfer_output x509userproxy
xen_initrd xen_kernel xen_kernel_params xen_root
"""

#: Long options of sbatch.
SBATCH = set(_SBATCH.split())

#: Short options of sbatch -> their long ones.
SBATCH_SHORT = dict(pair.split("=") for pair in _SBATCH_SHORT.split())

#: Commands of a submit description of HTCondor in lower case, which it ignores.
CONDOR = set(_CONDOR.split())

#: The attributes of a job that the commands request_cpus, request_memory and request_disk set.
CONDOR_ATTRIBUTES = {"requestcpus", "requestmemory", "requestdisk"}
