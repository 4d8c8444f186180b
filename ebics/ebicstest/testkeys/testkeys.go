// Package testkeys generates the RSA keys of tests, once per test binary.
package testkeys

import (
	"sync"

	"kontor/ebics"
)

// Subscriber returns a set of 2,048-bit subscriber keys.
var Subscriber = sync.OnceValue(generate)

// Other returns keys that differ from those of Subscriber.
var Other = sync.OnceValue(generate)

// Bank returns a bank's keys.
var Bank = sync.OnceValue(func() ebics.BankKeys {
	keys, err := ebics.GenerateBankKeys(ebics.MinKeyBits)
	if err != nil {
		panic(err) // a test binary without randomness
	}
	return keys
})

func generate() ebics.SubscriberKeys {
	keys, err := ebics.GenerateKeys(ebics.MinKeyBits)
	if err != nil {
		panic(err) // as above
	}
	return keys
}
