list "terrascale_ip_allowlist_entry" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration
}
