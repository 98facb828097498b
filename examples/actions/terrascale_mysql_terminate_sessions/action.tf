action "terrascale_mysql_terminate_sessions" "gateway" {
  config {
    server    = "main"
    usernames = ["gateway"] # whatever the host; with rotation: the sessions of both logins
  }
}
