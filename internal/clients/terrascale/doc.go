// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package terrascale is the client of the TerraScale management API. The contract is openapi.yaml; package
// api holds what is generated from it. What the contract assumes is listed in assumptions.go.
package terrascale

//go:generate go tool -modfile=../../tools/openapi/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml
