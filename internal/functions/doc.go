// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package functions holds the provider-defined functions, provider::terrascale::NAME, one file each. They are pure: the
// same arguments give the same result. Terraform itself keeps a result sensitive or ephemeral when an argument is, and does
// not call them while an argument is unknown.
package functions
