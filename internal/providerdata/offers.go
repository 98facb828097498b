// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata

import (
	"strings"
	"sync"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Offers knows what becomes of the fresh passwords of one walk: a password that is drawn anew in each run is right only where a
// login takes it in the same run. It lives in the memory of the process. It is safe for concurrent use; the zero value is ready.
type Offers struct {
	mu sync.Mutex
	// drawn holds the fresh passwords, each with the answers of the logins that it was offered to.
	drawn  map[string][]answer
	writes []write
}

// Login is who was offered a password: its resource in words, such as PostgreSQL role "reader", and whom to log in as.
type Login struct{ Subject, Username string }

type answer struct {
	login Login
	taken bool
}

type write struct {
	value  secret.String
	keeper string
}

// Draw remembers a fresh password.
func (o *Offers) Draw(password secret.String) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.drawn == nil {
		o.drawn = map[string][]answer{}
	}
	o.drawn[password.Reveal()] = nil
}

// Answer remembers whether a login takes a password that it was offered. For one that it does not take, it gives the keepers
// that are about to keep it all the same.
func (o *Offers) Answer(password secret.String, login Login, taken bool) (keepers []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	answers, isFresh := o.drawn[password.Reveal()]
	if !isFresh {
		return nil
	}
	o.drawn[password.Reveal()] = append(answers, answer{login, taken})
	if taken {
		return nil
	}
	for _, w := range o.writes {
		if decliner := o.decliner(w.value); decliner != nil && *decliner == login {
			keepers = append(keepers, w.keeper)
		}
	}
	return keepers
}

// Write remembers that a keeper is about to keep a value. It gives the login that did not take the fresh password in it, or nil.
func (o *Offers) Write(value secret.String, keeper string) (decliner *Login) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writes = append(o.writes, write{value, keeper})
	return o.decliner(value)
}

// decliner gives the login that a value would be wrong for. Where one login took the password in it and another did not, the value
// is for the one whose name it holds.
func (o *Offers) decliner(value secret.String) *Login {
	for password, answers := range o.drawn {
		if !strings.Contains(value.Reveal(), password) {
			continue
		}
		var decliner *Login
		isTaken := false
		for _, a := range answers {
			isNamed := a.login.Username != "" && strings.Contains(value.Reveal(), a.login.Username)
			switch {
			case a.taken && isNamed:
				return nil
			case a.taken:
				isTaken = true
			case decliner == nil || isNamed:
				decliner = &a.login
			}
		}
		if decliner != nil && (!isTaken || strings.Contains(value.Reveal(), decliner.Username)) {
			return decliner
		}
	}
	return nil
}
