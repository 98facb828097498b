// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import "crypto/sha256"

// sha256Crypt gives the 43 characters of Ulrich Drepper's SHA-256 crypt ("Unix crypt using SHA-256 and SHA-512"), with a salt of
// any length. The comments name the steps of its text.
func sha256Crypt(password, salt string, rounds int) string {
	key := []byte(password)
	// Steps 4 to 8: the alternate sum.
	alternate := sum(key, []byte(salt), key)
	// Steps 1 to 3 and 9 to 12.
	first := append(append([]byte{}, key...), salt...)
	first = append(first, stretch(alternate, len(key))...)
	for bits := len(key); bits > 0; bits >>= 1 {
		if bits&1 != 0 {
			first = append(first, alternate...)
		} else {
			first = append(first, key...)
		}
	}
	digest := sum(first)
	// Steps 13 to 16: the password's bytes.
	var repeated []byte
	for range len(key) {
		repeated = append(repeated, key...)
	}
	p := stretch(sum(repeated), len(key))
	// Steps 17 to 20: the salt's.
	repeated = nil
	for range 16 + int(digest[0]) {
		repeated = append(repeated, salt...)
	}
	s := stretch(sum(repeated), len(salt))
	// Step 21.
	for round := range rounds {
		var input []byte
		odd := round%2 != 0
		input = append(input, pick(odd, p, digest)...)
		if round%3 != 0 {
			input = append(input, s...)
		}
		if round%7 != 0 {
			input = append(input, p...)
		}
		digest = sum(append(input, pick(odd, digest, p)...))
	}
	return encode(digest)
}

func sum(parts ...[]byte) []byte {
	hash := sha256.New()
	for _, part := range parts {
		_, _ = hash.Write(part) // It never fails.
	}
	return hash.Sum(nil)
}

// stretch repeats a sum up to a length.
func stretch(block []byte, length int) []byte {
	var long []byte
	for len(long) < length {
		long = append(long, block...)
	}
	return long[:length]
}

func pick(first bool, one, other []byte) []byte {
	if first {
		return one
	}
	return other
}

// encode writes 32 bytes in base 64, in step 22's own order: groups of three bytes, whose places move on by 21 modulo 30.
func encode(digest []byte) string {
	const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	text := make([]byte, 0, 43)
	write := func(a, b, c byte, characters int) {
		for value := uint(a)<<16 | uint(b)<<8 | uint(c); characters > 0; characters-- {
			text = append(text, alphabet[value&63])
			value >>= 6
		}
	}
	places := [3]int{0, 10, 20}
	for range 10 {
		write(digest[places[0]], digest[places[1]], digest[places[2]], 4)
		for i := range places {
			places[i] = (places[i] + 21) % 30
		}
	}
	write(0, digest[31], digest[30], 3)
	return string(text)
}
