package bank

import (
	"errors"
	"fmt"
	"slices"

	"kontor/account"
	"kontor/ebics"
	"kontor/finding"
	"kontor/iso20022/pain"
	"kontor/sandbox/bank/books"
	"kontor/xmlscan"
)

// service is an order type that this bank takes, and what it carries.
type service struct {
	kind       pain.Kind
	instrument string          // of direct debits: the scheme
	scheme     books.EntryKind // of the bookings
	returned   books.EntryKind // of a direct debit that comes back
	status     ebics.OrderType // fetches the reports about it
	what       string
}

// uploads are all of them.
var uploads = map[ebics.OrderType]service{
	ebics.CCT: {pain.KindCreditTransfer, "", books.Transfer, "", ebics.CRZ, "SEPA credit transfer, pain.001"},
	ebics.CDD: {pain.KindDirectDebit, "CORE", books.Core, books.CoreReturn, ebics.CDZ, "SEPA direct debit CORE, pain.008"},
	ebics.CDB: {pain.KindDirectDebit, "B2B", books.B2B, books.B2BReturn, ebics.CDZ, "SEPA direct debit B2B, pain.008"},
}

// content is what the bank's check of an order found.
type content struct {
	messageID string
	payments  int
	total     string
	own       []string          // accounts of those whose order it is, as written, each once
	accounts  []account.IBAN    // the same, checked
	holders   []ebics.PartnerID // of the accounts, each once
	reason    string            // "" = in order; TD02, TD03 or DS0H
	lines     []string          // explain the reason
}

// mostLines is how many lines of the protocol explain what is wrong with an order.
const mostLines = 20

// errOtherScheme ends the reading of an order that has the wrong order type.
var errOtherScheme = errors.New("not what the order type is for")

// examine reads an order, in constant memory: unreadable is TD02, errors in it,
// or another content than the order type is for, are TD03. It asks nobody, so it
// needs no transaction of the books.
func examine(data books.Packed, order ebics.OrderType) content {
	wanted := uploads[order]
	var c content
	known := map[string]bool{}
	message, findings, err := pain.Read(data.Open(), pain.Options{Limits: xmlscan.Limits{Bytes: data.Size + 1}}, pain.Visitor{
		Batch: func(b *pain.Batch) error {
			if own := b.OwnAccount(); !known[own] {
				known[own] = true
				c.own = append(c.own, own)
			}
			return nil
		},
		Payment: func(p *pain.Payment) error {
			instrument := p.LocalInstrument
			if instrument == "" {
				instrument = p.Batch.LocalInstrument
			}
			if p.Batch.Kind != wanted.kind || wanted.instrument != "" && instrument != wanted.instrument {
				return errOtherScheme
			}
			return nil
		},
	})
	if errors.Is(err, errOtherScheme) {
		c.reason, c.lines = "TD03", []string{fmt.Sprintf("order type %s is for: %s", order, wanted.what)}
		return c
	}
	if err != nil {
		c.reason, c.lines = "TD02", []string{err.Error()}
		return c
	}
	c.messageID, c.payments, c.total = message.MessageID, message.Count, message.Sum.String()
	for _, f := range findings {
		if f.Severity == finding.Error {
			c.reason, c.lines = "TD03", append(c.lines, f.String())
		}
	}
	c.lines = c.lines[:min(len(c.lines), mostLines)]
	return c
}

// assign finds the accounts of an order that is in order so far. One that the
// partner may not use, or that this bank does not have, is DS0H.
func (c *content) assign(partner ebics.PartnerID, known []books.Account) {
	byIBAN := make(map[string]*books.Account, len(known))
	for i := range known {
		byIBAN[string(known[i].IBAN)] = &known[i]
	}
	for _, own := range c.own {
		a := byIBAN[own]
		if a == nil || a.Holder != partner && !slices.Contains(a.Bureaus, partner) {
			if c.reason = "DS0H"; len(c.lines) < mostLines {
				c.lines = append(c.lines, fmt.Sprintf("account %s is not open to partner %s", own, partner))
			}
			continue
		}
		c.accounts = append(c.accounts, a.IBAN)
		if !slices.Contains(c.holders, a.Holder) {
			c.holders = append(c.holders, a.Holder)
		}
	}
	slices.Sort(c.accounts)
	slices.Sort(c.holders)
}
