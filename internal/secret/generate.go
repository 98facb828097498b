// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package secret

import (
	"crypto/rand"
	"math/big"
)

const (
	// DefaultLength gives a generated secret 238 bits.
	DefaultLength = 40
	// alphabet needs no escaping in any connection string, shell or configuration file.
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// Generate draws a secret of letters and digits. It never fails: the system's source of randomness ends the program
// when it can give none.
func Generate(length int) String {
	text := make([]byte, length)
	for i := range text {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet)))) // rand.Reader returns no error.
		text[i] = alphabet[n.Int64()]
	}
	return New(string(text))
}
