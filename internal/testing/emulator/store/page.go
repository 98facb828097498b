// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Page sizes of every paged list.
const (
	DefaultPageSize = 20
	MaxPageSize     = 100
)

// Page asks for one page of a list. Size 0 means DefaultPageSize; Cursor "" means the first page.
type Page struct {
	Size   int
	Cursor string
}

const cursorPrefix = "after:"

// paginate cuts a page from records in ascending order of sequence. A cursor names the last sequence number
// seen, so records that come or go between two pages are neither skipped nor repeated.
func paginate[T any](records []T, sequence func(T) int, page Page) ([]T, string, error) {
	size := page.Size
	if size == 0 {
		size = DefaultPageSize
	}
	if size < 1 || size > MaxPageSize {
		return nil, "", refuse(Invalid, "limit must be between 1 and %d.", MaxPageSize)
	}
	after, err := readCursor(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	cut := []T{}
	for _, record := range records {
		if sequence(record) <= after {
			continue
		}
		if len(cut) == size {
			return cut, writeCursor(sequence(cut[size-1])), nil
		}
		cut = append(cut, record)
	}
	return cut, "", nil
}

func writeCursor(after int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorPrefix + strconv.Itoa(after)))
}

func readCursor(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	number, found := strings.CutPrefix(string(text), cursorPrefix)
	after, parseErr := strconv.Atoi(number)
	if err != nil || !found || parseErr != nil {
		return 0, refuse(Invalid, "cursor is not one that this list gave out.")
	}
	return after, nil
}
