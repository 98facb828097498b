// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import "fmt"

// Kind says which rule family refused a call; the server turns it into an HTTP status.
type Kind int

// The kinds of refusal, each with the HTTP status it stands for.
const (
	Invalid            Kind = iota + 1 // 400
	Unauthenticated                    // 401
	Forbidden                          // 403
	NotFound                           // 404
	Conflict                           // 409
	PreconditionFailed                 // 412
)

// Refusal is the error of every call that a rule of the service refuses. Nothing was changed.
type Refusal struct {
	Kind   Kind
	Detail string // one sentence for the caller, never with a secret in it
}

// Error implements error.
func (r *Refusal) Error() string { return r.Detail }

func refuse(kind Kind, format string, args ...any) *Refusal {
	return &Refusal{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}
