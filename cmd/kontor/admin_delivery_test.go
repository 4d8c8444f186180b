package main

import (
	"strings"
	"testing"

	"kontor/internal/app"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// folderWithDelivery is an installation whose contact was given bytes that cannot be read, and does not permit C53.
func folderWithDelivery(t *testing.T, text string) (data string, contact hub.ContactID, id hub.DownloadID) {
	t.Helper()
	data = t.TempDir()
	ctx := t.Context()
	h, err := app.Open(ctx, config.Storage{Data: data}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	contact = hub.ContactID(store.NewID())
	err = h.Store.Write(ctx, func(tx *store.Tx) error {
		now := tx.Now()
		if err := tx.InsertBank(ctx, hub.Bank{ID: "bank", Name: "Invented Bank", URL: "https://localhost:1/ebics", HostID: "TESTHOST", Created: now}); err != nil {
			return err
		}
		err := tx.InsertContact(ctx, hub.Contact{
			ID: contact, Owner: hub.Operator, Bank: "bank", PartnerID: "PARTNER", UserID: "USER", State: hub.ContactReady,
			Keys: hub.Secret("no real keys"), BankKeys: []byte("no real bank keys"), Created: now, Updated: now,
		})
		if err != nil {
			return err
		}
		if err := tx.InsertPoll(ctx, hub.Poll{Contact: contact, OrderType: "C53", Kind: hub.PollStatement, Last: now, LastResult: "not_permitted"}); err != nil {
			return err
		}
		body, err := tx.PublishBytes(ctx, hub.Operator, store.BodyDownload, []byte(text))
		if err != nil {
			return err
		}
		id = hub.DownloadID(body)
		d := hub.Download{ID: id, Contact: contact, Owner: hub.Operator, OrderType: "C53", Kind: hub.PollStatement, State: hub.DownloadStored, Created: now}
		if err := tx.InsertDownload(ctx, d); err != nil {
			return err
		}
		return tx.SettleDownload(ctx, contact, id, hub.DownloadUndecoded)
	})
	if err != nil {
		t.Fatal(err)
	}
	return data, contact, id
}

// What a bank delivered and nobody can read is seen, looked at and tried again by the operator.
func TestOperatorTriesAnUnreadableDeliveryAgain(t *testing.T) {
	const bytes = "bytes that nobody can read"
	data, _, id := folderWithDelivery(t, bytes)
	text, v := says(t, data, "admin", "delivery", "list")
	if !strings.Contains(text, string(id)) || !strings.Contains(text, "undecoded") || v["deliveries"] == nil {
		t.Errorf("list: %s", text)
	}
	if shown, err := typed(t, "admin", "delivery", "show", string(id), "--data", data); err != nil || shown != bytes {
		t.Errorf("show: %q, %v", shown, err)
	}
	if _, err := typed(t, "admin", "delivery", "retry", string(id), "--data", data); err != nil {
		t.Fatal(err)
	}
	if text, _ := says(t, data, "admin", "delivery", "list"); !strings.Contains(text, "stored") || strings.Contains(text, "undecoded") {
		t.Errorf("list after the retry: %s", text)
	}
	if text, _ := says(t, data, "admin", "job", "list"); !strings.Contains(text, "index") {
		t.Errorf("no job will split it: %s", text)
	}
	for _, verb := range []string{"show", "retry"} {
		if _, err := typed(t, "admin", "delivery", verb, "none", "--data", data); hub.CodeOf(err) != hub.CodeNotFound {
			t.Errorf("%s of nothing: %v", verb, err)
		}
	}
	h, err := app.Open(t.Context(), config.Storage{Data: data}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	if n := audited(t, h, hub.Operator, "download.retry"); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

func TestOperatorForcesAPoll(t *testing.T) {
	data, contact, _ := folderWithDelivery(t, "x")
	poll := []string{"admin", "poll", "now", "--contact", string(contact), "--order-type", "C53", "--data", data}
	for _, step := range []struct {
		flags []string
		want  string
	}{{nil, "not_permitted"}, {[]string{"--force"}, hub.PollForced}} {
		if _, err := typed(t, append(poll, step.flags...)...); err != nil {
			t.Fatal(err)
		}
		if text, _ := says(t, data, "admin", "poll", "list", "--contact", string(contact)); !strings.Contains(text, step.want) {
			t.Errorf("with %v: %s", step.flags, text)
		}
	}
}
