package demo

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// stay leaves the installation running with sample data until the context ends: a second file that waits for release at the
// bank, and a third that the user can send. It returns why the context ended.
func (s *story) stay(ctx context.Context) error {
	waiting, err := s.sendWaiting(ctx)
	if err != nil {
		return err
	}
	next := filepath.Join(s.folder, "files", "salaries-3.xml")
	if err := s.salaries(next, 3); err != nil {
		return err
	}
	s.screen.quiet = false
	s.showUse(waiting, next)
	<-ctx.Done()
	s.screen.line("\n" + s.screen.say(textKeepStopping))
	return context.Cause(ctx)
}

// sendWaiting sends a second file and watches it until it waits at the bank.
func (s *story) sendWaiting(ctx context.Context) (sighting, error) {
	path := filepath.Join(s.folder, "files", "salaries-2.xml")
	if s.o.File != "" { // the hub knows the accounts of the user's file only
		s.cast.Account = bankAccount{IBAN: s.file.Debtors[0].IBAN, Owner: s.file.Debtors[0].Name, Currency: "EUR"}
	}
	if err := s.salaries(path, 2); err != nil {
		return sighting{}, err
	}
	item, err := s.hub.submit(ctx, path)
	if err != nil {
		return sighting{}, fmt.Errorf("sending a second file: %w", err)
	}
	s.rID = item.RID
	s.journey = newJourney([]status{konAcceptedAndQueued}, []status{finUploadSucceeded}, []status{finVEUForwarded})
	if err := s.see(item.sighting("POST Payment/Sepa/Pain")); err != nil {
		return sighting{}, err
	}
	if err := s.watch(ctx, lookQuick, finVEUForwarded); err != nil {
		return sighting{}, err
	}
	return s.journey.last(), nil
}

// showUse prints where everything is, and commands that work when they are pasted into a POSIX shell with curl.
func (s *story) showUse(waiting sighting, next string) {
	show := s.screen.line
	show("\n" + s.screen.paint(bold, s.screen.say(textKeepTitle)) + "\n")
	for _, row := range []struct {
		name  key
		value string
	}{
		{textKeepHub, s.hub.base}, {textKeepCA, s.hubAt.CA}, {textKeepKey, s.hub.key}, {textKeepMetrics, s.hubAt.Metrics},
		{textKeepBank, s.bank.base}, {textKeepBankCA, s.bankAt.CA}, {textKeepData, s.folder},
	} {
		show(fmt.Sprintf("  %-14s %s", s.screen.say(row.name), clean(row.value)))
	}
	for _, example := range s.examples(waiting, next) {
		show("\n" + example.title)
		for _, line := range example.lines {
			show("  " + s.screen.paint(cyan, line))
		}
	}
	show("\n" + s.screen.say(textKeepStop))
}

// example is a group of shell commands.
type example struct {
	title string
	lines []string
}

func (s *story) examples(waiting sighting, next string) []example {
	hub := "curl --silent --show-error --cacert " + quoted(s.hubAt.CA) + ` -H "Authorization: Bearer $TOKEN" `
	bank := "curl --silent --show-error --cacert " + quoted(s.bankAt.CA) + " -H 'Content-Type: application/json' "
	login := `TOKEN=$(curl --silent --show-error --cacert ` + quoted(s.hubAt.CA) + ` -H 'Content-Type: application/json' -d ` +
		quoted(`{"apiKey":"`+s.hub.key+`","client":{"name":"curl","version":"8"}}`) + " " + quoted(s.hub.base+pathLogin) +
		` | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')`
	release := func(by signer) string {
		return bank + "-d " + quoted(`{"partnerId":"`+by.Partner+`","userId":"`+by.User+`"}`) + " " +
			quoted(s.bank.base+"/orders/"+s.cast.Transport.Partner+"/"+waiting.OrderID+"/release")
	}
	command := func(words ...string) string {
		return strings.Join(append([]string{quoted(s.o.Binary), "admin"}, append(words, "--data", quoted(s.admin.data))...), " ")
	}
	say := s.screen.say
	return []example{
		{say(textKeepToken), []string{login}},
		{say(textKeepStatus, waiting.OrderID), []string{hub + quoted(s.hub.base+pathPayment+"/"+s.rID+"/Item")}},
		{say(textKeepRelease), []string{release(s.cast.B), release(s.cast.A)}},
		{say(textKeepOrders), []string{bank + quoted(s.bank.base+"/orders")}},
		{say(textKeepSend), []string{
			hub + "-H 'Content-Type: application/xml' --data-binary @" + quoted(next) + " " + quoted(s.hub.base+pathPayment)}},
		{say(textKeepDayEnds), []string{
			bank + `-d '{"days":1}' ` + quoted(s.bank.base+"/advance"),
			command("poll", "now", "--contact", quoted(s.contactID), "--order-type", "C53")}},
		{say(textKeepDocuments), []string{hub + quoted(s.hub.base+pathDocuments)}},
		{say(textKeepEvents), []string{command("file", "events", "--tenant", tenantHandle, quoted(s.rID))}},
	}
}

// quoted makes a text one word of a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(clean(text), "'", `'\''`) + "'" }
