# "2027-05-30T00:00:00Z": when a key that is made on the first of March is due.
output "due" {
  value = provider::terrascale::add_duration("2027-03-01T00:00:00Z", "90d")
}
