# The key was made by hand. Its users get the new one from the file.
action "terrascale_api_key_rotate" "legacy" {
  config {
    key_id         = "key_01HZX3M5V7"
    age_recipients = ["age1ew7p6a3uj6d4smgcdh2d87hj6vyerccpcjzz8syfrwwr26vw24fsksuprn"]
    secret_file    = "legacy-key.age"
    keep_old       = true # until its users have changed over
  }
}
