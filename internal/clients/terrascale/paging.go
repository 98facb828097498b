// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import "fmt"

// maxPages is far beyond any list that the service's limits allow.
const maxPages = 10_000

// allPages calls fetch, first without a cursor and then with the one that each page names, until one names none. Of an item
// that two pages hold, because the list changed between the two calls, the later one counts.
func allPages[T any](id func(T) string, fetch func(cursor *string) ([]T, *string, error)) ([]T, error) {
	all := []T{}
	places := map[string]int{}
	seen := map[string]bool{}
	var cursor *string
	for range maxPages {
		page, next, err := fetch(cursor)
		if err != nil {
			return nil, err
		}
		for _, item := range page {
			place, known := places[id(item)]
			if known {
				all[place] = item
				continue
			}
			places[id(item)] = len(all)
			all = append(all, item)
		}
		if next == nil || *next == "" {
			return all, nil
		}
		if seen[*next] {
			return nil, fmt.Errorf("%w: page %d names a cursor that an earlier page has named", ErrEndlessList, len(seen)+1)
		}
		seen[*next] = true
		cursor = next
	}
	return nil, fmt.Errorf("%w: there are more than %d pages", ErrEndlessList, maxPages)
}
