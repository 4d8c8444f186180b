// Package veu holds the rule of the distributed electronic signature (VEU) as
// this bank applies it: who may sign a waiting order, and when it has enough
// signatures. It is pure: no storage, no clock.
//
// The rule, per holder of an account whose order it is (the debtor's of a credit
// transfer, the creditor's of a direct debit): one signature of
// class E, or two of different signers of class A or B with at least one A. A
// signer of class T (transport) never counts.
package veu

import (
	"fmt"

	"kontor/ebics"
)

// Class is the signature class of a user.
type Class string

// The classes of EBICS.
const (
	Single    Class = "E" // one signature is enough
	First     Class = "A"
	Second    Class = "B" // never enough without an A
	Transport Class = "T" // submits only
)

// ParseClass accepts exactly E, A, B and T.
func ParseClass(text string) (Class, error) {
	switch c := Class(text); c {
	case Single, First, Second, Transport:
		return c, nil
	}
	return "", fmt.Errorf("signature class %.10q: want E, A, B or T", text)
}

// Signer is a user who signs, or has signed.
type Signer struct {
	ebics.Subscriber
	Class Class
}

// Refusal says why a signature does not count; the order stays as it was.
type Refusal struct {
	Code    ebics.ReturnCode // 090003, 091305 or 091306
	Message string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s (%s)", r.Message, r.Code) }

// Required is the rule in a sentence, for answers of the bank.
const Required = "for each account holder: one signature of class E, or two of different signers of class A or B with at least one A"

// Sign judges one more signature on an order that waits: holders are the
// partners whose accounts' order it is, done the signatures that count already. It
// returns whether the order is complete with the new one, or a *Refusal:
// 090003 if the signer's partner holds none of the accounts or the class is T,
// 091306 if the signer has signed, 091305 if the signature would not help (a
// second B, or the holder's signatures are complete).
func Sign(holders []ebics.PartnerID, done []Signer, s Signer) (complete bool, err error) {
	if !contains(holders, s.Partner) {
		return false, &Refusal{ebics.AuthorisationOrderTypeFailed, fmt.Sprintf("partner %s holds no account whose order this is", s.Partner)}
	}
	if s.Class == Transport {
		return false, &Refusal{ebics.AuthorisationOrderTypeFailed, fmt.Sprintf("user %s has class T, which may transport orders but not release them", s.User)}
	}
	for _, d := range done {
		if d.Subscriber == s.Subscriber {
			return false, &Refusal{ebics.DuplicateSignature, fmt.Sprintf("user %s has already signed this order", s.User)}
		}
	}
	own := of(done, s.Partner)
	if Sufficient(own) {
		return false, &Refusal{ebics.InvalidSignerState, fmt.Sprintf("the signatures of partner %s are complete", s.Partner)}
	}
	if s.Class == Second && hasClass(own, Second) {
		return false, &Refusal{ebics.InvalidSignerState, "a second signature of class B is not sufficient: the order needs an A or an E"}
	}
	return Complete(holders, append(append([]Signer(nil), done...), s)), nil
}

// Complete says whether the signatures of every holder are sufficient.
func Complete(holders []ebics.PartnerID, done []Signer) bool {
	for _, holder := range holders {
		if !Sufficient(of(done, holder)) {
			return false
		}
	}
	return len(holders) > 0
}

// Sufficient says whether the signatures of one partner release an order. The
// signers must be different; Sign sees to it.
func Sufficient(signers []Signer) bool {
	firsts, seconds := 0, 0
	for _, s := range signers {
		switch s.Class {
		case Single:
			return true
		case First:
			firsts++
		case Second:
			seconds++
		case Transport:
		}
	}
	return firsts >= 2 || firsts == 1 && seconds >= 1
}

func of(signers []Signer, partner ebics.PartnerID) []Signer {
	var own []Signer
	for _, s := range signers {
		if s.Partner == partner {
			own = append(own, s)
		}
	}
	return own
}

func hasClass(signers []Signer, c Class) bool {
	for _, s := range signers {
		if s.Class == c {
			return true
		}
	}
	return false
}

func contains(partners []ebics.PartnerID, p ebics.PartnerID) bool {
	for _, partner := range partners {
		if partner == p {
			return true
		}
	}
	return false
}
