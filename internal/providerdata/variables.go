// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata

import (
	"path/filepath"
	"sync"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Variables knows which value each resource of one walk gives a variable of a .env file: two of them are a mistake. It is safe for
// concurrent use; the zero value is ready.
type Variables struct {
	mu     sync.Mutex
	claims map[variable][]claim
}

type variable struct{ file, name string }

type claim struct {
	keeper string
	value  secret.String
}

// Claim remembers the value that a keeper gives a variable. It gives another keeper that gives it another value, or nothing.
func (v *Variables) Claim(file, name string, value secret.String, keeper string) (rival string) {
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	key := variable{file, name}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.claims == nil {
		v.claims = map[variable][]claim{}
	}
	others := v.claims[key]
	kept := make([]claim, 0, len(others)+1)
	for _, other := range others {
		if other.keeper == keeper {
			continue
		}
		kept = append(kept, other)
		if other.value.Reveal() != value.Reveal() {
			rival = other.keeper
		}
	}
	v.claims[key] = append(kept, claim{keeper, value})
	return rival
}
