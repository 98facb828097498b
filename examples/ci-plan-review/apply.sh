#!/bin/sh
# Applies the plan that was reviewed, and nothing else: Terraform refuses it when the state has changed meanwhile.
set -eu

terraform init -input=false -no-color
terraform apply -input=false -no-color -lock-timeout=10m review.plan
