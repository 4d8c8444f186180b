package demo

import (
	"errors"
	"fmt"
	"slices"
)

// cast is who plays which part in the story: customers and users of the sandbox bank, as the bank itself names them.
type cast struct {
	Account   bankAccount // debited in the built-in story
	Transport signer      // the hub's own user at the bank, class T of the bureau partner
	A, B, B2  signer      // of the account's holder
	Stranger  signer      // may sign, but at a partner that does not hold the account
}

// errCast says that the bank's customers do not include everyone the story needs.
var errCast = errors.New("the sandbox bank does not have the customers that the demo needs")

// choose finds an account in euro whose first bureau has a user of class T and whose holder has users of classes A, B and B, and a
// user of another partner who could sign for an account of its own.
func choose(s bankState) (cast, error) {
	for _, a := range s.Accounts {
		if a.Currency != "EUR" || len(a.BureauPartners) == 0 || slices.Contains(a.BureauPartners, a.HolderPartner) {
			continue
		}
		bs := usersOf(s, a.HolderPartner, "B")
		as := usersOf(s, a.HolderPartner, "A")
		ts := usersOf(s, a.BureauPartners[0], "T")
		strangers := strangersTo(s, a)
		if len(as) == 0 || len(bs) < 2 || len(ts) == 0 || len(strangers) == 0 {
			continue
		}
		return cast{Account: a, Transport: ts[0], A: as[0], B: bs[0], B2: bs[1], Stranger: strangers[0]}, nil
	}
	return cast{}, fmt.Errorf("%w (%d partners, %d accounts)", errCast, len(s.Partners), len(s.Accounts))
}

// usersOf returns the users of one partner and class.
func usersOf(s bankState, partnerID, class string) []signer {
	var found []signer
	for _, p := range s.Partners {
		for _, u := range p.Users {
			if p.PartnerID == partnerID && u.Class == class {
				found = append(found, signer{p.PartnerID, u.UserID, u.Class})
			}
		}
	}
	return found
}

// strangersTo returns those who may sign, but not for this account; users who could sign alone come first, since their refusal
// says most.
func strangersTo(s bankState, a bankAccount) []signer {
	var found []signer
	for _, class := range []string{"E", "A"} {
		for _, p := range s.Partners {
			if p.PartnerID != a.HolderPartner && !slices.Contains(a.BureauPartners, p.PartnerID) {
				found = append(found, usersOf(s, p.PartnerID, class)...)
			}
		}
	}
	return found
}
