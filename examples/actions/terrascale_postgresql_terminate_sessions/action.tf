action "terrascale_postgresql_terminate_sessions" "gateway" {
  config {
    server    = "main"
    usernames = ["gateway"] # with rotation: the sessions of both logins
  }
}

# By itself, after each change of the role.
resource "terrascale_postgresql_readonly_role" "gateway" {
  server = "main"
  name   = "gateway"
  grants = { "app.public" = {} }

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.terrascale_postgresql_terminate_sessions.gateway]
    }
  }
}
