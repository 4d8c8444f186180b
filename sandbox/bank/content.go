package bank

import (
	"bytes"
	"fmt"
	"slices"

	"kontor/account"
	"kontor/ebics"
	"kontor/finding"
	"kontor/iso20022/pain"
	"kontor/sandbox/bank/books"
	"kontor/xmlscan"
)

// content is what the bank's check of a credit transfer found.
type content struct {
	messageID string
	payments  int
	total     string
	accounts  []account.IBAN    // debtors, each once
	holders   []ebics.PartnerID // of the accounts, each once
	reason    string            // "" = in order; TD02, TD03 or DS0H
	lines     []string          // explain the reason
}

// examine reads a pain.001: unreadable is TD02, errors in it are TD03, a debtor
// account that the partner may not use, or that this bank does not have, is
// DS0H.
func examine(data []byte, partner ebics.PartnerID, known []books.Account) content {
	var c content
	var debtors []string
	message, findings, err := pain.Read(bytes.NewReader(data), pain.Options{Limits: xmlscan.Limits{Bytes: int64(len(data)) + 1}}, pain.Visitor{
		Batch: func(b *pain.Batch) error {
			if !slices.Contains(debtors, b.DebtorAccount) {
				debtors = append(debtors, b.DebtorAccount)
			}
			return nil
		},
	})
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
	if c.reason != "" {
		c.lines = c.lines[:min(len(c.lines), 20)]
		return c
	}
	for _, debtor := range debtors {
		i := slices.IndexFunc(known, func(a books.Account) bool { return string(a.IBAN) == debtor })
		if i < 0 || known[i].Holder != partner && !slices.Contains(known[i].Bureaus, partner) {
			c.reason, c.lines = "DS0H", append(c.lines, fmt.Sprintf("account %s is not open to partner %s", debtor, partner))
			continue
		}
		c.accounts = append(c.accounts, known[i].IBAN)
		if !slices.Contains(c.holders, known[i].Holder) {
			c.holders = append(c.holders, known[i].Holder)
		}
	}
	slices.Sort(c.accounts)
	slices.Sort(c.holders)
	return c
}
