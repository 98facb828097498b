# "{{ env.DATABASE_URL }}"
output "connection_string" {
  value = provider::terrascale::env_ref("DATABASE_URL")
}
