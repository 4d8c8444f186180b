package access

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"unicode"
)

const (
	keyLength   = 64
	tokenLength = 43 // 32 bytes as base64url without padding
	alphabet    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// Generate returns a new API key: 64 characters from A-Z, a-z and 0-9, which no shell, JSON or XML needs to quote; about 381 bits.
func Generate() Secret {
	// Bytes from 248 on are dropped, since 256 is no multiple of 62: every character is equally likely.
	const fair = 256 / len(alphabet) * len(alphabet)
	var key strings.Builder
	var b [keyLength]byte
	for {
		_, _ = rand.Read(b[:]) // never fails: it ends the program instead
		for _, v := range b {
			if int(v) >= fair {
				continue
			}
			key.WriteByte(alphabet[int(v)%len(alphabet)])
			if key.Len() == keyLength {
				return Secret(key.String())
			}
		}
	}
}

func generateToken() Secret {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return Secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// clip shortens what a caller tells about itself to 100 printable characters.
func clip(text string) string {
	var out strings.Builder
	n := 0
	for _, r := range text {
		if n == 100 {
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		out.WriteRune(r)
		n++
	}
	return out.String()
}
