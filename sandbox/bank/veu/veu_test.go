package veu

import (
	"errors"
	"testing"

	"kontor/ebics"
)

func signer(partner, user string, class Class) Signer {
	return Signer{ebics.Subscriber{Partner: ebics.PartnerID(partner), User: ebics.UserID(user)}, class}
}

// Every ordered pair of classes, by two different signers of the holder.
func TestPairsOfClassesReleaseOnlyWithAnAOrE(t *testing.T) {
	type outcome struct {
		first      ebics.ReturnCode // "" = counts
		firstDone  bool
		second     ebics.ReturnCode
		secondDone bool
	}
	const no, complete = ebics.AuthorisationOrderTypeFailed, ebics.InvalidSignerState
	want := map[[2]Class]outcome{
		{Single, Single}: {"", true, complete, false}, {Single, First}: {"", true, complete, false},
		{Single, Second}: {"", true, complete, false}, {Single, Transport}: {"", true, no, false},
		{First, Single}: {"", false, "", true}, {First, First}: {"", false, "", true},
		{First, Second}: {"", false, "", true}, {First, Transport}: {"", false, no, false},
		{Second, Single}: {"", false, "", true}, {Second, First}: {"", false, "", true},
		{Second, Second}: {"", false, complete, false}, {Second, Transport}: {"", false, no, false},
		{Transport, Single}: {no, false, "", true}, {Transport, First}: {no, false, "", false},
		{Transport, Second}: {no, false, "", false}, {Transport, Transport}: {no, false, no, false},
	}
	classes := []Class{Single, First, Second, Transport}
	if len(want) != len(classes)*len(classes) {
		t.Fatalf("%d pairs stated, want %d", len(want), len(classes)*len(classes))
	}
	holders := []ebics.PartnerID{"HOLDER"}
	for pair, w := range want {
		t.Run(string(pair[0]+pair[1]), func(t *testing.T) {
			var got outcome
			var done []Signer
			for i, s := range []Signer{signer("HOLDER", "U1", pair[0]), signer("HOLDER", "U2", pair[1])} {
				finished, err := Sign(holders, done, s)
				code := codeOf(t, err)
				if err == nil {
					done = append(done, s)
				}
				if i == 0 {
					got.first, got.firstDone = code, finished
				} else {
					got.second, got.secondDone = code, finished
				}
			}
			if got != w {
				t.Errorf("got %+v, want %+v", got, w)
			}
		})
	}
}

func TestSignatureIsRefused(t *testing.T) {
	a, b := signer("HOLDER", "A1", First), signer("HOLDER", "B1", Second)
	for _, row := range []struct {
		name    string
		holders []ebics.PartnerID
		done    []Signer
		by      Signer
		code    ebics.ReturnCode
	}{
		{"same signer twice", []ebics.PartnerID{"HOLDER"}, []Signer{a}, a, ebics.DuplicateSignature},
		{"same signer twice, class B", []ebics.PartnerID{"HOLDER"}, []Signer{b}, b, ebics.DuplicateSignature},
		{"partner without the account", []ebics.PartnerID{"HOLDER"}, nil, signer("OTHER", "E1", Single), ebics.AuthorisationOrderTypeFailed},
		{"transport user of another partner", []ebics.PartnerID{"HOLDER"}, nil, signer("BUREAU", "T1", Transport), ebics.AuthorisationOrderTypeFailed},
		{"nobody holds", nil, nil, a, ebics.AuthorisationOrderTypeFailed},
		{"own part complete, other holder missing", []ebics.PartnerID{"HOLDER", "OTHER"}, []Signer{a, b}, signer("HOLDER", "A2", First), ebics.InvalidSignerState},
	} {
		t.Run(row.name, func(t *testing.T) {
			complete, err := Sign(row.holders, row.done, row.by)
			if code := codeOf(t, err); code != row.code || complete {
				t.Errorf("got %q, complete %v; want %q", code, complete, row.code)
			}
		})
	}
}

// The same user id at another partner is another person.
func TestSameUserIDOfAnotherHolderCounts(t *testing.T) {
	holders := []ebics.PartnerID{"ONE", "TWO"}
	complete, err := Sign(holders, []Signer{signer("ONE", "E1", Single)}, signer("TWO", "E1", Single))
	if err != nil || !complete {
		t.Errorf("complete %v, error %v", complete, err)
	}
}

// An order over accounts of two holders needs the signatures of both.
func TestEveryHolderMustSign(t *testing.T) {
	holders := []ebics.PartnerID{"ONE", "TWO"}
	complete, err := Sign(holders, []Signer{signer("ONE", "A1", First)}, signer("TWO", "A1", First))
	if err != nil || complete {
		t.Errorf("one A of each holder: complete %v, error %v", complete, err)
	}
	if Complete(nil, []Signer{signer("ONE", "E1", Single)}) {
		t.Error("an order without holders is never complete")
	}
}

// Sign must not change the slice it was given.
func TestSignLeavesTheListAlone(t *testing.T) {
	list := make([]Signer, 1, 4)
	list[0] = signer("HOLDER", "B1", Second)
	if _, err := Sign([]ebics.PartnerID{"HOLDER"}, list, signer("HOLDER", "A1", First)); err != nil {
		t.Fatal(err)
	}
	if list[:2][1] != (Signer{}) {
		t.Error("the list's spare room was written")
	}
}

func TestParseClass(t *testing.T) {
	for text, ok := range map[string]bool{"E": true, "A": true, "B": true, "T": true, "": false, "a": false, "AB": false} {
		if c, err := ParseClass(text); (err == nil) != ok || ok && string(c) != text {
			t.Errorf("ParseClass(%q) = %q, %v", text, c, err)
		}
	}
}

func codeOf(t *testing.T, err error) ebics.ReturnCode {
	t.Helper()
	if err == nil {
		return ""
	}
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		t.Fatalf("error %v is no refusal", err)
	}
	if refusal.Message == "" || refusal.Error() == "" {
		t.Error("a refusal says why")
	}
	return refusal.Code
}
