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

// A005 returns the keys of Subscriber, with its signature key in version A005.
func A005() ebics.SubscriberKeys {
	keys := Subscriber()
	keys.Signature.Version = ebics.A005
	return keys
}

// Bank returns a bank's keys.
var Bank = sync.OnceValue(func() ebics.BankKeys {
	keys, err := ebics.GenerateBankKeys(ebics.MinKeyBits)
	if err != nil {
		panic(err) // a test binary without randomness
	}
	return keys
})

func generate() ebics.SubscriberKeys {
	keys, err := ebics.GenerateKeys(ebics.A006, ebics.MinKeyBits)
	if err != nil {
		panic(err) // as above
	}
	return keys
}
