package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// masterText is an HTD of one user with some order types.
func masterText(user string, types ...string) string {
	return fmt.Sprintf(`<HTDResponseOrderData xmlns="urn:org:ebics:H004"><PartnerInfo><AddressInfo/><BankInfo><HostID>H</HostID></BankInfo>
<AccountInfo ID="1" Currency="EUR"><AccountNumber international="true">%s</AccountNumber><BankCode international="true">TESTDEXXXXX</BankCode><AccountHolder>Invented</AccountHolder></AccountInfo>
<OrderInfo><OrderType>CCT</OrderType><TransferType>Upload</TransferType><Description>SEPA</Description><NumSigRequired>2</NumSigRequired></OrderInfo></PartnerInfo>
<UserInfo><UserID Status="1">%s</UserID><Permission AuthorisationLevel="T"><OrderTypes>%s</OrderTypes></Permission></UserInfo></HTDResponseOrderData>`, ibanA, user, strings.Join(types, " "))
}

// offerMaster has the bank tell, and the contact ask for it.
func (h *house) offerMaster(text string) {
	h.t.Helper()
	h.mail.offers["HTD"] = append(h.mail.offers["HTD"], text)
	h.Write(func(tx *store.Tx) error {
		p := hub.Poll{Contact: h.contact.ID, OrderType: "HTD", Kind: hub.PollMaster, Next: h.Now()}
		if err := tx.InsertPoll(h.t.Context(), p); err != nil {
			return err
		}
		return tx.SetPollNext(h.t.Context(), h.contact.ID, "HTD", h.Now())
	})
}

func (h *house) masterData() *hub.MasterData {
	h.t.Helper()
	var out *hub.MasterData
	h.Read(func(tx *store.Tx) error {
		c, err := tx.Contact(h.t.Context(), h.contact.ID)
		out = c.Master
		return err
	})
	return out
}

func (h *house) pollOf(orderType string) (found hub.Poll) {
	h.t.Helper()
	h.Read(func(tx *store.Tx) error {
		all, err := tx.Polls(h.t.Context(), h.contact.ID)
		for _, p := range all {
			if p.OrderType == orderType {
				found = p
			}
		}
		return err
	})
	return found
}

func TestMasterDataAreKeptAndAskedForDaily(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		h.offerMaster(masterText(h.contact.UserID, "CCT", "HAC", "CRZ", "C53"))
		h.Must(h.ask())
		m := h.masterData()
		if m == nil || len(m.Orders) != 4 || m.Orders[1] != (hub.PermittedOrder{Type: "CCT", Description: "SEPA", Upload: true, Signatures: 2, Level: "T"}) {
			t.Fatalf("master data %+v", m)
		}
		if len(m.Accounts) != 1 || m.Accounts[0].IBAN != ibanA || m.Accounts[0].Currency != "EUR" {
			t.Errorf("accounts %+v", m.Accounts)
		}
		if !m.Permits("CCT") || m.Permits("CDD") || !m.Read.Equal(h.Now()) {
			t.Errorf("master data %+v", m)
		}
		if p := h.pollOf("HTD"); p.LastResult != "data" || !p.Next.Equal(h.Now().Add(24*time.Hour)) || h.mail.receipts["HTD"] != 1 {
			t.Errorf("poll %+v, %d receipts", p, h.mail.receipts["HTD"])
		}
		if n := len(h.stored()); n != 0 {
			t.Errorf("%d deliveries are stored: master data are read at once", n)
		}
	})
}

// What the bank does not permit is not asked for, and asked for again as soon as it does.
func TestOrderTypeThatIsNotPermittedIsNotAskedFor(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.offerMaster(masterText(h.contact.UserID, "C53")) // the protocol is asked for whether it is listed or not
	h.Must(h.ask())
	if slices.Contains(h.mail.asked, "CRZ") || !slices.Contains(h.mail.asked, "HAC") || !slices.Contains(h.mail.asked, "C53") || h.mail.asked[0] != "HTD" {
		t.Errorf("asked for %s", h.mail.asked)
	}
	if p := h.pollOf("CRZ"); p.LastResult != "not_permitted" || !p.Next.After(h.Now()) {
		t.Errorf("poll %+v", p)
	}
	h.offerMaster(masterText(h.contact.UserID, "C53", "CRZ"))
	h.Must(h.ask())
	h.Must(h.ask())
	if !slices.Contains(h.mail.asked, "CRZ") {
		t.Errorf("asked for %s", h.mail.asked)
	}
}

// A bank that does not tell, or tells of somebody else, changes nothing.
func TestBankThatDoesNotTellChangesNothing(t *testing.T) {
	for name, row := range map[string]struct {
		text   string
		fails  error
		result string
		wrong  bool
	}{
		"refuses":      {"", &hub.BankError{Outcome: hub.BankRefused, Code: "091006"}, "refused", false},
		"has nothing":  {"", &hub.BankError{Outcome: hub.BankNothing, Code: "090005"}, "nothing", false},
		"another user": {masterText("SOMEBODY", "HAC"), nil, "unreadable", false},
		"unreadable":   {"<HTD", nil, "unreadable", false},
		"other XML":    {"<HACData/>", nil, "unreadable", false},
		"silent":       {"", &hub.BankError{Outcome: hub.BankSilent}, "silent", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			h.offerMaster(row.text)
			h.mail.fails["HTD"] = row.fails
			if err := h.ask(); (err != nil) != row.wrong {
				t.Errorf("error %v", err)
			}
			if h.masterData() != nil || !slices.Contains(h.mail.asked, "CRZ") || h.mail.receipts["HTD"] != 0 {
				t.Errorf("master data %+v, asked for %s, %d receipts", h.masterData(), h.mail.asked, h.mail.receipts["HTD"])
			}
			// What the bank cannot mend by being asked again waits for the next day; what passes stays due.
			if p := h.pollOf("HTD"); p.LastResult != row.result || p.Next.Equal(h.Now().Add(24*time.Hour)) == row.wrong {
				t.Errorf("poll %+v", p)
			}
		})
	}
}

// What a bank once told does not bind for ever: when it tells no more, everything is tried again.
func TestBankThatTellsNoMoreForbidsNothing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.offerMaster(masterText(h.contact.UserID, "C53"))
	h.Must(h.ask())
	if h.masterData() == nil {
		t.Fatal("nothing was told")
	}
	h.Forward(25 * time.Hour)
	h.mail.fails["HTD"] = &hub.BankError{Outcome: hub.BankRefused, Code: "090003"}
	h.Must(h.ask())
	if h.masterData() != nil {
		t.Error("what was told is still believed")
	}
}

// A part of a tenant's own contact waits under the tenant's key, and can be found, too.
func TestQuarantineOfATenantsOwnContactIsFound(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.contact = h.NewContact(h.a.Owner(), "bank")
	h.split(hub.PollStatement, "<html/>")
	all, err := Quarantine(t.Context(), h.Store)
	if err != nil || len(all) != 1 || all[0].Owner != h.a.Owner() {
		t.Fatalf("quarantine %+v, error %v", all, err)
	}
	h.Must(Drop(t.Context(), h.Store, "operator:test", all[0].ID, "invented and of no use"))
	if all, err = Quarantine(t.Context(), h.Store); err != nil || len(all) != 0 {
		t.Errorf("quarantine %+v, error %v", all, err)
	}
}

// A person may know better than the bank's data: forced, an order type is asked for once, however long the bank cannot be reached before.
func TestForcedPollAsksForWhatIsNotPermitted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		ctx := t.Context()
		h.offerMaster(masterText(h.contact.UserID, "CCT", "HAC"))
		h.Write(func(tx *store.Tx) error {
			if err := tx.InsertPoll(ctx, hub.Poll{Contact: h.contact.ID, OrderType: "C53", Kind: hub.PollStatement, Next: h.Now()}); err != nil {
				return err
			}
			return tx.SetPollNext(ctx, h.contact.ID, "C53", h.Now())
		})
		h.Must(h.ask())
		if p := h.pollOf("C53"); p.LastResult != resultNotPermitted {
			t.Fatalf("%+v", p)
		}
		due := func(force bool) {
			h.Write(func(tx *store.Tx) error {
				if err := tx.ClearContactBackoff(ctx, h.contact.ID); err != nil {
					return err
				}
				if force {
					if err := tx.ForcePoll(ctx, h.contact.ID, "C53"); err != nil {
						return err
					}
				}
				return tx.SetPollNext(ctx, h.contact.ID, "C53", h.Now())
			})
		}
		asked := func() (n int) {
			for _, o := range h.mail.asked {
				if o == "C53" {
					n++
				}
			}
			return n
		}
		due(false)
		h.Must(h.ask())
		if n := asked(); n != 0 {
			t.Errorf("without force it was asked for %d times", n)
		}
		due(true)
		h.mail.fails = map[string]error{"C53": &hub.BankError{Outcome: hub.BankUnreachable}}
		if err := h.ask(); err == nil {
			t.Error("no error from a bank that cannot be reached")
		}
		if p := h.pollOf("C53"); p.LastResult != hub.PollForced {
			t.Errorf("%+v", p)
		}
		h.mail.fails = nil
		due(false)
		h.Must(h.ask())
		if p := h.pollOf("C53"); p.LastResult != hub.PollNothing || asked() != 2 {
			t.Errorf("forced, then answered: %+v, asked %d times", p, asked())
		}
		due(false)
		h.Must(h.ask())
		if p := h.pollOf("C53"); p.LastResult != resultNotPermitted || asked() != 2 {
			t.Errorf("afterwards: %+v, asked %d times", p, asked())
		}
	})
}
