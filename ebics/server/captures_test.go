package server_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/server"
)

// recordedBank has the keys of the bank with which the exchanges were recorded.
func recordedBank(t *testing.T) *ebicstest.Bank {
	t.Helper()
	pair := func(version string) ebics.KeyPair {
		folder := witness.Shared(t, "data", "ebics", "captures-keys")
		text, err := os.ReadFile(filepath.Join(folder, "bank_"+version+".pem"))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		key, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			t.Fatal("no RSA key")
		}
		der, err := os.ReadFile(filepath.Join(folder, "bank_"+version+".crt"))
		if err != nil {
			t.Fatal(err)
		}
		certified, err := ebics.KeyPair{Version: version, Key: key}.WithCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return certified
	}
	bank := ebicstest.NewBank("PROBEBANK", ebics.BankKeys{Authentication: pair(ebics.X002), Encryption: pair(ebics.E002)})
	bank.AutoActivate = true
	return bank
}

var timestamp = regexp.MustCompile(`Timestamp>([^<]+)<`)

// Two foreign clients, one of H004 and one of H005 that writes the wrong version,
// prefixes its elements and sends classic order types: the server takes what they
// once sent to another, from the first key to the beginning of each order.
func TestRecordedRequestsAreUnderstood(t *testing.T) {
	bank := recordedBank(t)
	var at time.Time
	s := server.New(bank, server.Options{Now: func() time.Time { return at }})
	files, err := filepath.Glob(filepath.Join(witness.Shared(t, "data", "ebics", "captures"), "*.req.xml"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	taken := map[ebics.Version]int{}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.Contains(name, "_Transfer") || strings.Contains(name, "_Receipt") {
			continue // they name the other server's transactions
		}
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := timestamp.FindSubmatch(doc); found != nil {
			if at, err = time.Parse(time.RFC3339, string(found[1])); err != nil {
				t.Fatal(err)
			}
		}
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(doc)))
		m, err := envelope.Read(recorder.Body.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var technical, business ebics.ReturnCode
		if m.Kind == envelope.EbicsKeyManagementResponse {
			r, err := m.ReadKeyManagementResponse()
			if err != nil {
				t.Fatal(err)
			}
			technical, business = r.Technical, r.Business
		} else {
			r, err := m.VerifyResponse(bank.Own.Authentication.Public())
			if err != nil {
				t.Fatal(err)
			}
			technical, business = r.Technical, r.Business
		}
		// The bank of this test has nothing to fetch.
		if technical != ebics.OK || business != ebics.OK && business != ebics.NoDownloadDataAvailable {
			t.Errorf("%s: %s %s", name, technical, business)
		}
		taken[m.Version]++
	}
	if taken[ebics.H004] < 10 || taken[ebics.H005] < 6 {
		t.Errorf("only %v requests", taken)
	}
	var services, types []string
	for _, h := range bank.Begun() {
		types = append(types, string(h.Type))
		if h.Service != nil {
			services = append(services, h.Service.String())
		}
	}
	if !slices.Contains(types, "CCT") || len(services) == 0 {
		t.Errorf("uploads %v, services %v", types, services)
	}
}
