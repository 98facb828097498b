module github.com/terrascale/terraform-provider-terrascale/internal/tools/opentofu

go 1.26.8
