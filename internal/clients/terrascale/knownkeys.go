// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	// listingIsNew is how old a listing may be that alone tells which keys were there before another is made.
	listingIsNew = 5 * time.Second
	// serviceSkew is how far the clocks of one service's machines may be from each other.
	serviceSkew = 10 * time.Second
)

// knownKeys remembers which keys there are, for those who make many: one listing of before, and what this client made since.
type knownKeys struct {
	// earlier is the listing that this process began with. It is dropped only where its age says too little.
	earlier snapshot.Snapshot[earlierKeys]

	mu   sync.Mutex
	made map[string][]APIKey // by name
	// behind is how far the service's clock is behind ours at most, by what it answered; nil before the first answer.
	behind *time.Duration
	// shown is how many characters of a secret the service lists as a key's prefix; zero while that is not known.
	shown int
}

// earlierKeys is a listing that began at a time, by our clock.
type earlierKeys struct {
	keys   []APIKey
	byName map[string][]APIKey
	at     time.Time
}

// EarlierAPIKeys are the keys that were there when this client first looked, for those whom keys of earlier runs concern. The list is not
// to be changed.
func (c *Client) EarlierAPIKeys(ctx context.Context) ([]APIKey, error) {
	earlier, err := c.earlierKeys(ctx)
	return earlier.keys, err
}

func (c *Client) earlierKeys(ctx context.Context) (earlierKeys, error) {
	return c.known.earlier.Get(ctx, "", func(ctx context.Context) (earlierKeys, error) {
		now := c.config.Clock()
		keys, err := c.ListAPIKeys(ctx)
		if err != nil {
			return earlierKeys{}, err
		}
		byName := map[string][]APIKey{}
		for _, key := range keys {
			byName[key.Name] = append(byName[key.Name], key)
		}
		c.known.learnLength(keys)
		return earlierKeys{keys, byName, now}, nil
	})
}

// newAttempt gives the attempt that is about to begin. Of what is known it holds what could be taken for what comes of it.
func (c *Client) newAttempt(ctx context.Context, key NewAPIKey) (KeyAttempt, error) {
	earlier, err := c.earlierKeys(ctx)
	if err != nil {
		return KeyAttempt{}, err
	}
	made, behind := c.known.madeAs(key.Name)
	// What others made since the listing is told apart by the service's clock, or else by a listing of now.
	if age := c.config.Clock().Sub(earlier.at); behind == nil && (age < 0 || age >= listingIsNew) {
		c.known.earlier.Drop()
		if earlier, err = c.earlierKeys(ctx); err != nil {
			return KeyAttempt{}, err
		}
	}
	attempt := KeyAttempt{Name: key.Name, Scopes: key.Scopes, Began: c.config.Clock()}
	if behind != nil {
		attempt.NotBefore = attempt.Began.Add(-*behind - serviceSkew)
	}
	for _, keys := range [][]APIKey{earlier.byName[key.Name], made} {
		for _, known := range keys {
			if attempt.isSince(known) {
				attempt.Known = append(attempt.Known, known.ID)
			}
		}
	}
	return attempt, nil
}

func (k *knownKeys) madeAs(name string) (made []APIKey, behind *time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made[name], k.behind
}

// add takes a key that this client made under a name, and whose answer came at a time by our clock.
func (k *knownKeys) add(name string, key APIKey, answered time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.made == nil {
		k.made = map[string][]APIKey{}
	}
	k.made[name] = append(k.made[name], key)
	if behind := answered.Sub(key.CreatedAt); k.behind == nil || behind > *k.behind {
		k.behind = &behind
	}
}

// visibleStart is a prefix that can't be anything but the start of a secret.
var visibleStart = regexp.MustCompile(`^ts_(live|test)_[A-Za-z0-9]+$`)

// learnLength takes the length of the listed prefixes, where all have one.
func (k *knownKeys) learnLength(listed []APIKey) {
	shown := 0
	for _, key := range listed {
		if !visibleStart.MatchString(key.Prefix) || shown != 0 && shown != len(key.Prefix) {
			return
		}
		shown = len(key.Prefix)
	}
	k.setShown(shown)
}

func (k *knownKeys) setShown(length int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.shown = length
}

// prefixOf gives the start of a secret that the service lists; "" while its length is not known.
func (k *knownKeys) prefixOf(clear secret.String) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shown >= len(clear.Reveal()) {
		return ""
	}
	return clear.Reveal()[:k.shown]
}

// prefixGate admits one reading of a prefix at a time: it tells those behind it the length of theirs.
type prefixGate struct{}

// APIKeyPrefix gives the prefix of a new key as the service lists it, where the answer to the creation did not tell. How much of a secret
// is listed is the service's choice: the first keys of an organization are looked up, and tell it for all others. ErrNotFound when the
// key is not listed.
func (c *Client) APIKeyPrefix(ctx context.Context, created CreatedAPIKey) (string, error) {
	done, err := c.enter(ctx, "read the prefix of API key", prefixGate{})
	if err != nil {
		return "", err
	}
	defer done()
	if prefix := c.known.prefixOf(created.Secret); prefix != "" {
		return prefix, nil
	}
	key, err := c.GetAPIKey(ctx, created.ID)
	if err == nil && strings.HasPrefix(created.Secret.Reveal(), key.Prefix) {
		c.known.setShown(len(key.Prefix))
	}
	return key.Prefix, err
}
