package ebics

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/internal/hub"
)

func TestOutcomeOfWhatABankAnswers(t *testing.T) {
	silence := errors.New("read: connection reset")
	signed := func(technical, business ebics.ReturnCode) *client.Error {
		return &client.Error{Technical: technical, Business: business, Phase: "Initialisation", Signed: true}
	}
	for _, tc := range []struct {
		name string
		err  error
		want hub.BankOutcome
		code ebics.ReturnCode
	}{
		{"no data", client.ErrNoData, hub.BankNothing, ""},
		{"no data, wrapped", fmt.Errorf("download C53: %w", client.ErrNoData), hub.BankNothing, ""},
		{"prepared for another key", client.ErrBankKeyChanged, hub.BankKeyChanged, ""},
		{"keys not confirmed", client.ErrNoBankKeys, hub.BankKeyChanged, ""},
		{"not sent", &client.TransportError{Sent: false, Err: silence}, hub.BankUnreachable, ""},
		{"perhaps sent", &client.TransportError{Sent: true, Err: silence}, hub.BankSilent, ""},
		{"answer not trustworthy", &client.SignatureError{Err: silence}, hub.BankSilent, ""},
		{"receipt not confirmed", &client.ReceiptError{Err: &client.TransportError{Sent: true, Err: silence}}, hub.BankSilent, ""},
		{"nothing to fetch", signed(ebics.OK, ebics.NoDownloadDataAvailable), hub.BankNothing, ebics.NoDownloadDataAvailable},
		{"recovery", signed(ebics.TxRecoverySync, ebics.OK), hub.BankResume, ebics.TxRecoverySync},
		{"bank's own trouble", signed(ebics.InternalError, ebics.OK), hub.BankBusy, ebics.InternalError},
		{"too many transactions", signed(ebics.OK, ebics.MaxTransactionsExceeded), hub.BankBusy, ebics.MaxTransactionsExceeded},
		{"nonce seen before", signed(ebics.TxMessageReplay, ebics.OK), hub.BankBusy, ebics.TxMessageReplay},
		{"new bank keys", signed(ebics.BankPubkeyUpdateRequired, ebics.OK), hub.BankKeyChanged, ebics.BankPubkeyUpdateRequired},
		{"order type not allowed", signed(ebics.OK, ebics.AuthorisationOrderTypeFailed), hub.BankRefused, ebics.AuthorisationOrderTypeFailed},
		{"signature wrong", signed(ebics.OK, ebics.SignatureVerificationFailed), hub.BankRefused, ebics.SignatureVerificationFailed},
		{"access locked", signed(ebics.InvalidUserOrUserState, ebics.OK), hub.BankMisconfigured, ebics.InvalidUserOrUserState},
		{"request authentication failed", signed(ebics.AuthenticationFailed, ebics.OK), hub.BankMisconfigured, ebics.AuthenticationFailed},
		{"refusal that is not signed", &client.Error{Technical: ebics.InvalidOrderType, Phase: "Initialisation"}, hub.BankMisconfigured, ebics.InvalidOrderType},
		{"refused segment that is not signed", &client.Error{Technical: ebics.InvalidOrderType, Phase: "Transfer"}, hub.BankSilent, ebics.InvalidOrderType},
		{"our request is wrong", signed(ebics.InvalidXML, ebics.OK), hub.BankMisconfigured, ebics.InvalidXML},
		{"transaction gone", signed(ebics.TxUnknownTxid, ebics.OK), hub.BankUnknownTransaction, ebics.TxUnknownTxid},
		{"transaction gone, not signed", &client.Error{Technical: ebics.TxUnknownTxid, Phase: "Transfer"}, hub.BankUnknownTransaction, ebics.TxUnknownTxid},
		{"transaction aborted", signed(ebics.TxAbort, ebics.OK), hub.BankSilent, ebics.TxAbort},
		{"code nobody knows", signed("999999", ebics.OK), hub.BankSilent, "999999"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			be, ok := errors.AsType[*hub.BankError](outcomeOf(tc.err))
			if !ok || be.Outcome != tc.want || be.Code != string(tc.code) {
				t.Errorf("outcome %v, want %s %s", be, tc.want, tc.code)
			}
		})
	}
	if outcomeOf(nil) != nil {
		t.Error("success has an outcome")
	}
	if own := errors.New("our own"); !errors.Is(outcomeOf(own), own) {
		t.Error("a failure of ours was dressed up as the bank's")
	}
	be, _ := errors.AsType[*hub.BankError](outcomeOf(&client.Error{Technical: ebics.TxRecoverySync, Segment: 7, Signed: true}))
	if be == nil || be.Segment != 7 {
		t.Errorf("the recovery point is lost: %v", be)
	}
}

// A file ends for good only by a signed refusal of the order itself. Every code the standard knows is walked, and some it does not.
func TestOnlyASignedRefusalRefuses(t *testing.T) {
	known := map[hub.BankOutcome]bool{
		hub.BankSilent: true, hub.BankBusy: true, hub.BankRefused: true, hub.BankMisconfigured: true, hub.BankKeyChanged: true,
		hub.BankResume: true, hub.BankUnknownTransaction: true, hub.BankNothing: true,
	}
	codes := append(ebics.ReturnCodes(), "", "0", "123456")
	if len(codes) < 50 {
		t.Fatalf("only %d codes to walk", len(codes))
	}
	refused := 0
	for _, c := range codes {
		for _, phase := range []string{"Initialisation", "Transfer", "Receipt", ""} {
			for _, signed := range []bool{true, false} {
				for _, e := range []*client.Error{{Technical: c, Business: ebics.OK}, {Technical: ebics.OK, Business: c}} {
					e.Phase, e.Signed = phase, signed
					be, ok := errors.AsType[*hub.BankError](outcomeOf(e))
					if !ok || !known[be.Outcome] {
						t.Fatalf("%+v has outcome %v", e, be)
					}
					if be.Outcome != hub.BankRefused {
						continue
					}
					refused++
					if !signed || c.Outcome() != ebics.Refused {
						t.Errorf("%+v counts as the bank's definite no", e)
					}
				}
			}
		}
	}
	if refused == 0 {
		t.Error("nothing is ever refused: the walk proves nothing")
	}
}

func TestTextForPeopleIsTheBanksOrTheSymbol(t *testing.T) {
	if got := text(ebics.InvalidOrderType, "order type not agreed"); got != "order type not agreed" {
		t.Errorf("text %q", got)
	}
	if got := text(ebics.InvalidOrderType, ""); !strings.Contains(got, "INVALID_ORDER_TYPE") {
		t.Errorf("text %q", got)
	}
}
