package htd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"kontor/ebics"
	"kontor/ebics/internal/tree"
)

// Errors of documents that are well-formed XML but something else.
var (
	ErrNotHPD = errors.New("no HPDResponseOrderData")
	ErrNotHAA = errors.New("no HAAResponseOrderData")
)

// limits of HPD and HAA.
var limits = tree.Limits{Bytes: DefaultBytes, Nodes: 100_000}

// Parameters is what a bank says about itself (HPD). What it does not tell is
// empty, and what it does not mention as supported is not.
type Parameters struct {
	Addresses []Address
	Institute string
	Host      ebics.HostID
	// The versions that the bank names, such as H004 and X002.
	Protocol, Authentication, Encryption, Signature []string

	Recovery     bool // uploads continue after 061101
	PreValidate  bool
	Certificates bool // X509Data; in H005 not said, and always so
	ClientData   bool // ClientDataDownload: HKD and HTD
	Downloadable bool // DownloadableOrderData: HAA
}

// Address is where the bank can be reached from some time on.
type Address struct {
	URL       string
	ValidFrom string // xs:dateTime as written; "" = now
}

// ReadHPD reads the answer to HPD, in whatever EBICS namespace.
//
// Errors: ErrNotHPD, *xmlscan.SyntaxError, and those of r.
func ReadHPD(r io.Reader) (Parameters, error) {
	var p Parameters
	root, space, err := tree.Parse(r, limits)
	if err != nil {
		return p, fmt.Errorf("reading bank parameters: %w", err)
	}
	if root.Local != "HPDResponseOrderData" || !strings.Contains(space, "ebics") {
		return p, ErrNotHPD
	}
	access, protocol := root.Child("AccessParams"), root.Child("ProtocolParams")
	for _, u := range access.All("URL") {
		p.Addresses = append(p.Addresses, Address{URL: u.Text(), ValidFrom: u.Attr("valid_from")})
	}
	p.Institute, p.Host = access.Value("Institute"), ebics.HostID(access.Value("HostID"))
	version := protocol.Child("Version")
	p.Protocol, p.Authentication = strings.Fields(version.Value("Protocol")), strings.Fields(version.Value("Authentication"))
	p.Encryption, p.Signature = strings.Fields(version.Value("Encryption")), strings.Fields(version.Value("Signature"))
	for name, to := range map[string]*bool{
		"Recovery": &p.Recovery, "PreValidation": &p.PreValidate, "X509Data": &p.Certificates, "ClientDataDownload": &p.ClientData,
		"DownloadableOrderData": &p.Downloadable,
	} {
		if n := protocol.Child(name); n != nil {
			// The attribute is optional and true by default.
			*to = n.Attr("supported") == "" || tree.Bool(n.Attr("supported"))
		}
	}
	return p, nil
}

// Available is what has data to be fetched (HAA). Many banks do not keep it well.
type Available struct {
	Orders   []ebics.OrderType // H003 and H004
	Services []ebics.BTF       // H005
}

// ReadHAA reads the answer to HAA, as ReadHPD does.
func ReadHAA(r io.Reader) (Available, error) {
	var a Available
	root, space, err := tree.Parse(r, limits)
	if err != nil {
		return a, fmt.Errorf("reading what is available: %w", err)
	}
	if root.Local != "HAAResponseOrderData" || !strings.Contains(space, "ebics") {
		return a, ErrNotHAA
	}
	a.Orders = orderTypes(root.Value("OrderTypes"))
	for _, s := range root.All("Service") {
		a.Services = append(a.Services, s.BTF())
	}
	return a, nil
}
