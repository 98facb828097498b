module github.com/terrascale/terraform-provider-terrascale/internal/tools/licenses

go 1.26.8
