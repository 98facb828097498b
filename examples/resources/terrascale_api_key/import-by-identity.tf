import {
  to = terrascale_api_key.backend
  identity = {
    key_id = "key_01HZX3M5V7"
  }
}
