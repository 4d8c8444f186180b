package bank

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/money"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// BureauPartner is the service bureau of the sample data. Its users have class
// T, and it may submit orders for every sample account.
const BureauPartner = "KONTOR"

// holderNames are invented companies; the partner id is the first word.
var holderNames = []string{
	"Ahorn Maschinenbau GmbH", "Birke Handel GmbH", "Buche Logistik AG", "Eiche Holzwerke KG", "Erle Pflegedienste gGmbH",
	"Esche Verlag GmbH", "Linde Gartenbau eG", "Ulme Software GmbH",
}

// partnerIDs belong to holderNames.
var partnerIDs = []ebics.PartnerID{"AHORN", "BIRKE", "BUCHE", "EICHE", "ERLE", "ESCHE", "LINDE", "ULME"}

// dice gives the same numbers for the same seed, for ever.
type dice struct {
	seed  int64
	count uint64
}

// below returns a number from 0 to limit-1. The small bias towards low numbers
// does not matter here.
func (d *dice) below(limit int64) int64 {
	var input [16]byte
	binary.BigEndian.PutUint64(input[:8], uint64(d.seed))
	binary.BigEndian.PutUint64(input[8:], d.count)
	d.count++
	sum := sha256.Sum256(input[:])
	return int64(binary.BigEndian.Uint64(sum[:8])>>1) % limit
}

// found fills empty books: host id, business date and the sample data of the
// seed. The bureau's orders of the types outside are released outside EBICS.
func (b *bank) found(ctx context.Context, tx *books.Tx, seed int64, outside ...ebics.OrderType) error {
	if err := tx.SetFact(ctx, factHost, string(b.host)); err != nil {
		return err
	}
	if err := tx.SetFact(ctx, factDay, calendar.Of(b.now().In(calendar.Berlin())).String()); err != nil {
		return err
	}
	if err := addUsers(ctx, tx, BureauPartner, veu.Transport, veu.Transport); err != nil {
		return err
	}
	for _, o := range outside {
		if _, taken := uploads[o]; !taken {
			return fmt.Errorf("order type %s is not taken here", o)
		}
		if err := tx.Agree(ctx, BureauPartner, o, ebics.AttributeData); err != nil {
			return err
		}
	}
	d := &dice{seed: seed}
	first := d.below(int64(len(holderNames)))
	second := (first + 1 + d.below(int64(len(holderNames)-1))) % int64(len(holderNames))
	for _, i := range []int64{first, second} {
		if err := addUsers(ctx, tx, partnerIDs[i], veu.First, veu.First, veu.Second, veu.Second, veu.Single); err != nil {
			return err
		}
		for range 2 {
			if err := tx.AddAccount(ctx, books.Account{
				IBAN: d.iban(), Owner: holderNames[i], Holder: partnerIDs[i], Bureaus: []ebics.PartnerID{BureauPartner},
				Opening: money.Amount{Minor: 5_000_000 + d.below(95_000_000), Currency: "EUR"},
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// addUsers adds a partner whose users are named by class: AHORNA1, AHORNA2,
// AHORNB1 …
func addUsers(ctx context.Context, tx *books.Tx, partner ebics.PartnerID, classes ...veu.Class) error {
	if err := tx.AddPartner(ctx, partner); err != nil {
		return err
	}
	count := map[veu.Class]int{}
	for _, class := range classes {
		count[class]++
		user := ebics.UserID(fmt.Sprintf("%s%s%d", partner, class, count[class]))
		if err := tx.SaveUser(ctx, books.User{Subscriber: ebics.Subscriber{Partner: partner, User: user}, Class: class, State: books.New}); err != nil {
			return err
		}
	}
	return nil
}

// iban invents an account at this bank that exists.
func (d *dice) iban() account.IBAN {
	for {
		bban := fmt.Sprintf("%s%010d", bankCode, d.below(10_000_000_000))
		iban := account.IBAN("DE" + account.CheckDigits("DE", bban) + bban)
		if !noSuchAccount(iban) {
			return iban
		}
	}
}
