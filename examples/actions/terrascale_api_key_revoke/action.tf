action "terrascale_api_key_revoke" "leaked" {
  config {
    key_id = "key_01HZX3M5V7"
  }
}
