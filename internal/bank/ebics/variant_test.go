package ebics

import (
	"bytes"
	"strings"
	"testing"

	"kontor/ebics/ebicstest/testkeys"
	"kontor/internal/hub"
)

// A contact signs with the version its keys were made for; attribute and order type reach the bank as they were asked for.
func TestUploadInEveryVariant(t *testing.T) {
	a005, err := testkeys.A005().MarshalBinary()
	must(t, err)
	for _, signature := range []string{"A005", "A006"} {
		for _, order := range []hub.UploadOrder{
			{Type: hub.OrderCreditTransfer, Attribute: hub.AttributeOZHNN}, {Type: hub.OrderDirectDebitCore, Attribute: hub.AttributeDZHNN},
			{Type: hub.OrderDirectDebitB2B, Attribute: hub.AttributeOZHNN},
		} {
			t.Run(signature+" "+order.Type+" "+order.Attribute, func(t *testing.T) {
				w := ready(t)
				if signature == "A005" {
					w.bank.Enrol(subscriber, testkeys.A005())
					w.link.Contact.Keys = a005
				}
				var spool bytes.Buffer
				p, err := w.Prepare(t.Context(), w.link, order, opener("invented order data"), &spool)
				must(t, err)
				tx, _, err := w.Initialise(t.Context(), w.link, p.Channel)
				must(t, err)
				for n := 1; n <= p.Segments; n++ {
					_, err = w.Transfer(t.Context(), w.link, tx, n, n == p.Segments, spool.Next(p.SegmentSize))
					must(t, err)
				}
				up := w.bank.Uploads()
				if len(up) != 1 || !up[0].SignatureValid || len(up[0].Signatures) != 1 || up[0].Signatures[0].Version != signature {
					t.Fatalf("uploads %+v", up)
				}
				if string(up[0].Order.Type) != order.Type || up[0].Order.Attribute != order.Attribute {
					t.Errorf("order %+v, want %+v", up[0].Order, order)
				}
			})
		}
	}
}

// The letter of a contact with A005 keys names that version and its hash, and none of another.
func TestLetterNamesTheVersionOfTheSignatureKey(t *testing.T) {
	w := newWire(t)
	c := Ceremony{w.Channel}
	var err error
	w.link.Contact.Keys, err = c.GenerateKeys(w.link, "A005")
	must(t, err)
	hashes, err := c.ContactHashes(w.link.Contact.Keys)
	must(t, err)
	if len(hashes) != 3 || hashes["A005"] == "" || hashes["A006"] != "" {
		t.Errorf("hashes %v", hashes)
	}
	var b strings.Builder
	must(t, c.Letter(&b, w.link, hub.LetterForm{Language: "en"}, now()))
	plain := strings.NewReplacer(" ", "", "\n", "", "\r", "").Replace(strings.ToLower(b.String()))
	if !strings.Contains(plain, "a005") || strings.Contains(plain, "a006") || !strings.Contains(plain, hashes["A005"]) {
		t.Errorf("the letter does not name A005 and its hash:\n%s", b.String())
	}
	if _, err := c.GenerateKeys(w.link, "A004"); err == nil {
		t.Error("keys of version A004 were made")
	}
}
