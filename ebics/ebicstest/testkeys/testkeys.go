// Package testkeys generates the RSA keys of tests, once per test binary.
package testkeys

import (
	"crypto/x509/pkix"
	"sync"
	"time"

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

// Validity is that of the certificates here: from 2026 to 2046.
var Validity = ebics.Validity{NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2046, 1, 1, 0, 0, 0, 0, time.UTC)}

// Certified returns the keys of Subscriber in self-signed certificates.
var Certified = sync.OnceValue(func() ebics.SubscriberKeys {
	keys, err := Subscriber().SelfSigned(pkix.Name{CommonName: "K1 U1"}, Validity)
	if err != nil {
		panic(err) // usable keys
	}
	return keys
})

// CertifiedBank returns the keys of Bank in self-signed certificates.
var CertifiedBank = sync.OnceValue(func() ebics.BankKeys {
	keys, err := Bank().SelfSigned(pkix.Name{CommonName: "HOST1"}, Validity)
	if err != nil {
		panic(err) // as above
	}
	return keys
})
