package bank

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"kontor/calendar"
	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/ebics/server"
	"kontor/sandbox/bank/books"
)

// Download implements server.Bank. Without a period a partner gets what is new;
// what was offered once stays the same, byte for byte, until a receipt confirms
// it. With a period it gets everything of those days, and nothing is marked.
func (b *bank) Download(ctx context.Context, s ebics.Subscriber, h server.OrderHeader) (d server.Download, code ebics.ReturnCode, err error) {
	h.Type = classic(h)
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		var offer books.Offer
		if code, err = permitted(ctx, tx, s, h.Type); err != nil {
			return err
		}
		switch {
		case code != ebics.OK:
		case h.Type == ebics.HTD || h.Type == ebics.HKD:
			offer.Content, err = b.customerData(ctx, tx, s, h.Type, h.Version)
		case h.Type == ebics.HPD:
			offer.Content = b.parameters(h.Version)
		case h.Type == ebics.HAA:
			offer.Content, code, err = b.available(ctx, tx, s.Partner, h.Version)
		default:
			offer, code, err = b.offer(ctx, tx, s.Partner, h)
		}
		if err != nil {
			return err
		}
		if code != ebics.OK {
			return b.logAtOnce(ctx, tx, s, h, code)
		}
		line := newID()
		d = server.Download{Data: offer.Content, Token: line + "/" + offer.Token}
		return tx.AddTransaction(ctx, books.Transaction{
			ID: line, Started: b.now(), Subscriber: s, OrderType: h.Type, Attribute: h.Attribute, Phase: phaseInitialisation, State: books.Begun,
		})
	})
	return d, code, err
}

// Receipt implements server.Bank.
func (b *bank) Receipt(ctx context.Context, _ ebics.Subscriber, token string, processed bool) error {
	line, offer, _ := strings.Cut(token, "/")
	return b.books.Do(ctx, func(tx *books.Tx) error {
		code := ebics.DownloadPostprocessSkipped
		if processed {
			code = ebics.DownloadPostprocessDone
			if err := tx.ConfirmOffer(ctx, offer, b.now()); err != nil {
				return err
			}
		}
		return tx.EndTransaction(ctx, books.Transaction{ID: line, Ended: b.now(), Phase: phaseReceipt, State: books.Finished, ReturnCode: code})
	})
}

// AbortDownload implements server.DownloadLog. What was offered stays on offer.
func (b *bank) AbortDownload(ctx context.Context, token string, code ebics.ReturnCode, reason string) error {
	line, _, _ := strings.Cut(token, "/")
	return b.books.Do(ctx, func(tx *books.Tx) error {
		t, found, err := tx.Transaction(ctx, line)
		if err != nil || !found || t.State != books.Begun {
			return err
		}
		t.ReturnCode = code
		return b.abort(ctx, tx, t, reason)
	})
}

// offer finds or makes what a partner is given. An offer of a period has no
// token.
func (b *bank) offer(ctx context.Context, tx *books.Tx, partner ebics.PartnerID, h server.OrderHeader) (books.Offer, ebics.ReturnCode, error) {
	switch h.Type {
	case ebics.HAC, ebics.CRZ, ebics.CDZ, ebics.C53:
	case "C52", "C54", "STA", "VMK", "PTK", "BKA":
		return books.Offer{}, ebics.AuthorisationOrderTypeFailed, nil
	default:
		return books.Offer{}, ebics.UnsupportedOrderType, nil
	}
	if h.From != "" || h.To != "" {
		return b.history(ctx, tx, partner, h)
	}
	offer, found, err := tx.OpenOffer(ctx, partner, h.Type)
	if err != nil || found {
		return offer, ebics.OK, err
	}
	offer = books.Offer{Token: newID(), Partner: partner, OrderType: h.Type, Created: b.now()}
	if h.Type == ebics.HAC {
		events, err := tx.NewEvents(ctx, partner)
		if err != nil || len(events) == 0 {
			return offer, ebics.NoDownloadDataAvailable, err
		}
		if offer.Content, err = b.protocol(offer.Token, events); err != nil {
			return offer, "", err
		}
		return offer, ebics.OK, tx.AddOffer(ctx, offer)
	}
	documents, err := tx.NewDocuments(ctx, partner, h.Type)
	if err != nil || len(documents) == 0 {
		return offer, ebics.NoDownloadDataAvailable, err
	}
	if offer.Content, err = pack(documents, b.now()); err != nil {
		return offer, "", err
	}
	return offer, ebics.OK, tx.AddOffer(ctx, offer)
}

// history gives what a period brought, fetched or not.
func (b *bank) history(ctx context.Context, tx *books.Tx, partner ebics.PartnerID, h server.OrderHeader) (books.Offer, ebics.ReturnCode, error) {
	from, to, usable := period(h)
	if !usable {
		return books.Offer{}, ebics.InvalidOrderParams, nil
	}
	var offer books.Offer
	if h.Type == ebics.HAC {
		events, err := tx.EventsBetween(ctx, partner, from.At(0, 0, calendar.Berlin()), to.AddDays(1).At(0, 0, calendar.Berlin()))
		if err != nil || len(events) == 0 {
			return offer, ebics.NoDownloadDataAvailable, err
		}
		offer.Content, err = b.protocol(newID(), events)
		return offer, ebics.OK, err
	}
	documents, err := tx.DocumentsBetween(ctx, partner, h.Type, from, to)
	if err != nil || len(documents) == 0 {
		return offer, ebics.NoDownloadDataAvailable, err
	}
	offer.Content, err = pack(documents, b.now())
	return offer, ebics.OK, err
}

// period reads the days of a request; false if they are no period.
func period(h server.OrderHeader) (from, to calendar.Date, usable bool) {
	from, badFrom := calendar.Parse(h.From)
	to, badTo := calendar.Parse(h.To)
	return from, to, badFrom == nil && badTo == nil && !to.Before(from)
}

// protocol writes a customer protocol.
func (b *bank) protocol(id string, events []hac.Event) ([]byte, error) {
	var out bytes.Buffer
	err := hac.Write(&out, hac.Report{MessageID: "HAC" + id, CreationDateTime: stamp(b.now()), HostID: string(b.host), Events: events})
	return out.Bytes(), err
}

// pack puts files into a ZIP, in their order.
func pack(documents []books.Document, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, d := range documents {
		if err := d.Content.AddTo(archive, d.Name, at); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	return out.Bytes(), nil
}
