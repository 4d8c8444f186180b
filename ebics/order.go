package ebics

import (
	"errors"
	"fmt"
	"strings"
)

// Order names an order in whichever words the protocol version has: the order
// type with its attribute (H003 and H004), the service (H005), or both, so that
// one description fits any version. What the version does not use is ignored.
type Order struct {
	// Type is the classic or administrative order type. In H005 it may be empty
	// if Service is set; then it is BTU or BTD.
	Type OrderType `json:"type,omitempty"`
	// Attribute is OZHNN or DZHNN on uploads of H003 and H004; downloads need none.
	Attribute string `json:"attribute,omitempty"`
	// Service is the business transaction format of H005.
	Service *BTF `json:"service,omitempty"`
	// Signature says in H005 what the attribute says before: see SignatureFlag.
	Signature SignatureFlag `json:"signature,omitempty"`
	// FileFormat belongs to FUL and FDL of H003 and H004.
	FileFormat *FileFormat `json:"fileFormat,omitempty"`
	// FileName is the name of the file as the sender knows it (H005, at most 256
	// characters); Parameters go to BTU, BTD, FUL and FDL.
	FileName   string      `json:"fileName,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
	// AdditionalInfo is shown to those who sign the order (H005 uploads, at most
	// 255 characters).
	AdditionalInfo string `json:"additionalInfo,omitempty"`
}

// BTF is a business transaction format: how H005 names the content of an order
// (RestrictedServiceType). Empty fields are not sent. It is comparable.
type BTF struct {
	ServiceName string `json:"serviceName"`         // 3 characters, such as SCT
	Scope       string `json:"scope,omitempty"`     // 2 or 3 characters: a country, BIL or GLB
	Option      string `json:"option,omitempty"`    // ServiceOption, 3 to 10 characters
	Container   string `json:"container,omitempty"` // XML, ZIP or SVC
	MsgName     string `json:"msgName"`             // such as pain.001
	Version     string `json:"version,omitempty"`   // of MsgName: 2 or 3 digits
	Variant     string `json:"variant,omitempty"`   // of MsgName: 2 or 3 digits
	Format      string `json:"format,omitempty"`    // of MsgName: 1 to 4 characters
}

// String gives the parts in their order, with "-" for what is not said, such as
// SCT/DE/-/-/pain.001.09.
func (b BTF) String() string {
	part := func(text string) string {
		if text == "" {
			return "-"
		}
		return text
	}
	message := part(b.MsgName)
	for _, more := range []string{b.Version, b.Variant, b.Format} {
		if more != "" {
			message += "." + more
		}
	}
	return strings.Join([]string{part(b.ServiceName), part(b.Scope), part(b.Option), part(b.Container), message}, "/")
}

// Check wants what RestrictedServiceType wants of a complete service.
func (b BTF) Check() error {
	if b.ServiceName == "" || b.MsgName == "" {
		return errors.New("BTF without service name or message name")
	}
	return b.CheckFilter()
}

// CheckFilter wants of every part that is there what the schema wants; as a
// filter for orders in the VEU a BTF may leave any part out.
func (b BTF) CheckFilter() error {
	for _, p := range []struct {
		name, text  string
		least, most int
		character   func(rune) bool
	}{
		{"ServiceName", b.ServiceName, 3, 3, upperOrDigit},
		{"Scope", b.Scope, 2, 3, upperOrDigit},
		{"ServiceOption", b.Option, 3, 10, upperOrDigit},
		{"MsgName", b.MsgName, 1, 10, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' }},
		{"MsgName version", b.Version, 2, 3, digit},
		{"MsgName variant", b.Variant, 2, 3, digit},
		{"MsgName format", b.Format, 1, 4, upperOrDigit},
	} {
		if p.text == "" {
			continue
		}
		if len(p.text) < p.least || len(p.text) > p.most || strings.ContainsFunc(p.text, func(r rune) bool { return !p.character(r) }) {
			return fmt.Errorf("BTF: %s %q is malformed", p.name, clip(p.text))
		}
	}
	switch b.Container {
	case "", "XML", "ZIP", "SVC":
		return nil
	}
	return fmt.Errorf("BTF: container %q: want XML, ZIP or SVC", clip(b.Container))
}

func upperOrDigit(r rune) bool { return !notUpperOrDigit(r) }
func digit(r rune) bool        { return r >= '0' && r <= '9' }

// SignatureFlag says in H005 whether the order signature of an upload releases it
// (BTUOrderParams/SignatureFlag).
type SignatureFlag string

// The flags. The empty one follows the attribute: OZHNN is SignatureFlagSet, DZHNN
// is SignatureFlagNone.
const (
	SignatureFlagNone SignatureFlag = "none"        // no element: released outside EBICS
	SignatureFlagSet  SignatureFlag = "set"         // the signatures sent release the order, or the bank refuses it
	SignatureFlagEDS  SignatureFlag = "distributed" // requestEDS: the order may wait for others' signatures (VEU)
)

// SignatureFlag resolves the order's flag as said at the constants.
func (o Order) SignatureFlag() SignatureFlag {
	switch {
	case o.Signature != "":
		return o.Signature
	case o.Attribute == AttributeData:
		return SignatureFlagNone
	}
	return SignatureFlagSet
}

// FileFormat says in H003 and H004 what FUL uploads or FDL fetches.
type FileFormat struct {
	Country string `json:"country,omitempty"` // ISO 3166, such as FR
	Name    string `json:"name"`              // such as pain.001.001.02.sct
}

// Parameter is a name with a value for the bank, of the XML type string.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Named is the order for messages to people: its type or its service.
func (o Order) Named() string {
	switch {
	case o.Type != "" && o.FileFormat != nil:
		return string(o.Type) + " " + o.FileFormat.Name
	case o.Type != "":
		return string(o.Type)
	case o.Service != nil:
		return o.Service.String()
	}
	return "order"
}
