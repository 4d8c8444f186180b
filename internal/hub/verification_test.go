package hub_test

import (
	"encoding/json"
	"testing"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
)

func TestEveryCheckIsMadeUntilItIsSwitchedOff(t *testing.T) {
	var v hub.Verification
	for _, c := range hub.Checks() {
		if v.IsOff(c) {
			t.Errorf("%s is off", c)
		}
		v.Switch(c, false)
		v.Switch(c, false)
		if !v.IsOff(c) {
			t.Errorf("%s is on", c)
		}
	}
	if len(v.Off) != 10 {
		t.Errorf("%d checks are off, want konfipay's ten", len(v.Off))
	}
	v.Switch(hub.CheckIBAN, true)
	if v.IsOff(hub.CheckIBAN) || !v.IsOff(hub.CheckIBANBIC) {
		t.Error("switching one on switched another")
	}
}

func TestSettingsOutOfRangeAreRefused(t *testing.T) {
	for name, s := range map[string]hub.TenantSettings{
		"a long window":    {DoubleSubmissionHours: 49},
		"unknown check":    {Verification: hub.Verification{Off: []hub.Check{"everything"}}},
		"unknown set":      {Verification: hub.Verification{Characters: "latin"}},
		"unknown severity": {Verification: hub.Verification{Rules: finding.Policy{"PAIN-E1": "fatal"}}},
		"of an account":    {Verification: hub.Verification{Accounts: map[hub.AccountID]finding.Policy{"a": {"PAIN-E1": ""}}}},
	} {
		if err := s.Validate(); hub.CodeOf(err) != hub.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := hub.TenantSettings{DoubleSubmissionHours: 48, Verification: hub.Verification{Off: []hub.Check{hub.CheckIBAN}, Characters: "standard", Rules: finding.Policy{"PAIN-E1": "off"}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

func TestDoubleSubmissionCanBeSwitchedOff(t *testing.T) {
	var s hub.TenantSettings
	if s.DoubleSubmissionWindow() != 24*time.Hour {
		t.Error("the default is not 24 hours")
	}
	s.Verification.Switch(hub.CheckDoubleSubmission, false)
	if s.DoubleSubmissionWindow() != 0 {
		t.Error("it is still looked for")
	}
}

// Settings of an older version have no verification: nothing is written for the default, so that they stay equal.
func TestTheDefaultIsNotWritten(t *testing.T) {
	text, err := json.Marshal(hub.TenantSettings{})
	if err != nil || string(text) != "{}" {
		t.Errorf("%s, %v", text, err)
	}
}
