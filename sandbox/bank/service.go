package bank

import (
	"context"
	"encoding/xml"
	"strings"

	"kontor/ebics"
	catalogue "kontor/ebics/order"
	"kontor/ebics/server"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// namespaces are those of order data by version.
var namespaces = map[ebics.Version]string{
	ebics.H003: "http://www.ebics.org/H003", ebics.H004: "urn:org:ebics:H004", ebics.H005: "urn:org:ebics:H005",
}

// classic is the order type under which this bank knows an order. H005 names
// payments and statements by services; the catalogue of package order says which
// order types they are, also where the customer left the scope or the version of
// the message out. A service that is none of them stays BTU or BTD, which this
// bank does not have.
func classic(h server.OrderHeader) ebics.OrderType {
	if h.Service == nil || h.Type != ebics.BTU && h.Type != ebics.BTD {
		return h.Type // some clients send the classic type beside the service
	}
	direction := catalogue.Download
	if h.Type == ebics.BTU {
		direction = catalogue.Upload
	}
	entry, match := catalogue.Default().ByBTF(*h.Service, direction)
	if match == catalogue.NoMatch || entry.Type == "" {
		return h.Type
	}
	return entry.Type
}

// serviceOf is what H005 calls an order type here: BTU or BTD with its service, or
// the type itself.
func serviceOf(t ebics.OrderType) (ebics.OrderType, *ebics.BTF) {
	entry, known := catalogue.Default().ByType(t, "")
	if !known || entry.Kept {
		return t, nil
	}
	service, named := entry.BTF("DE", catalogue.VoPUnsaid)
	if !named {
		return t, nil
	}
	if entry.Direction == catalogue.Upload {
		return ebics.BTU, &service
	}
	return ebics.BTD, &service
}

// htd5 is the form of htd in H005: one entry for each service.
type htd5 struct {
	XMLName xml.Name
	Partner htd5Partner `xml:"PartnerInfo"`
	Users   []htd5User  `xml:"UserInfo"`
}

type htd5Partner struct {
	Name     string        `xml:"AddressInfo>Name"`
	Host     ebics.HostID  `xml:"BankInfo>HostID"`
	Accounts []htd5Account `xml:"AccountInfo"`
	Orders   []htd5Order   `xml:"OrderInfo"`
}

type htd5Account struct {
	ID       string        `xml:"ID,attr"`
	Currency string        `xml:"Currency,attr"`
	Number   htdNumber     `xml:"AccountNumber"`
	Bank     htdNumber     `xml:"BankCode"`
	Holder   string        `xml:"AccountHolder"`
	Usage    []htd5Service `xml:"UsageOrderTypes>Service"`
}

type htd5Order struct {
	Type        ebics.OrderType `xml:"AdminOrderType"`
	Service     *htd5Service    `xml:"Service"`
	Description string          `xml:"Description"`
	Signatures  *int            `xml:"NumSigRequired"`
}

type htd5User struct {
	ID          htdUserID        `xml:"UserID"`
	Permissions []htd5Permission `xml:"Permission"`
}

type htd5Permission struct {
	Level   veu.Class       `xml:"AuthorisationLevel,attr,omitempty"`
	Type    ebics.OrderType `xml:"AdminOrderType"`
	Service *htd5Service    `xml:"Service"`
	Account string          `xml:"AccountID,omitempty"`
}

// htd5Service is a RestrictedServiceType.
type htd5Service struct {
	Name      string         `xml:"ServiceName"`
	Scope     string         `xml:"Scope,omitempty"`
	Option    string         `xml:"ServiceOption,omitempty"`
	Container *htd5Container `xml:"Container"`
	Message   htd5Message    `xml:"MsgName"`
}

type htd5Container struct {
	Type string `xml:"containerType,attr"`
}

type htd5Message struct {
	Variant string `xml:"variant,attr,omitempty"`
	Version string `xml:"version,attr,omitempty"`
	Format  string `xml:"format,attr,omitempty"`
	Name    string `xml:",chardata"`
}

func newService(b *ebics.BTF) *htd5Service {
	if b == nil {
		return nil
	}
	s := &htd5Service{
		Name: b.ServiceName, Scope: b.Scope, Option: b.Option,
		Message: htd5Message{Variant: b.Variant, Version: b.Version, Format: b.Format, Name: b.MsgName},
	}
	if b.Container != "" {
		s.Container = &htd5Container{b.Container}
	}
	return s
}

// services says in the words of H005 what h says.
func (h htd) services() htd5 {
	out := htd5{XMLName: h.XMLName, Partner: htd5Partner{Name: h.Partner.Name, Host: h.Partner.Host}}
	for _, a := range h.Partner.Accounts {
		account := htd5Account{ID: a.ID, Currency: a.Currency, Number: a.Number, Bank: a.Bank, Holder: a.Holder}
		for _, t := range strings.Fields(a.Usage) {
			if _, service := serviceOf(ebics.OrderType(t)); service != nil {
				account.Usage = append(account.Usage, *newService(service))
			}
		}
		out.Partner.Accounts = append(out.Partner.Accounts, account)
	}
	for _, o := range h.Partner.Orders {
		t, service := serviceOf(o.Type)
		out.Partner.Orders = append(out.Partner.Orders, htd5Order{Type: t, Service: newService(service), Description: o.Description, Signatures: o.Signatures})
	}
	for _, u := range h.Users {
		user := htd5User{ID: u.ID}
		for _, p := range u.Permissions {
			for _, one := range strings.Fields(p.Types) {
				t, service := serviceOf(ebics.OrderType(one))
				user.Permissions = append(user.Permissions, htd5Permission{Level: p.Level, Type: t, Service: newService(service), Account: p.Account})
			}
		}
		out.Users = append(out.Users, user)
	}
	return out
}

// parameters writes HPD.
func (b *bank) parameters(v ebics.Version) []byte {
	return []byte(xml.Header + `<HPDResponseOrderData xmlns="` + namespaces[v] + `"><AccessParams><URL>` + b.url + `</URL><Institute>` + bankName +
		`</Institute><HostID>` + string(b.host) + `</HostID></AccessParams><ProtocolParams><Version><Protocol>` + string(v) +
		`</Protocol><Authentication>X002</Authentication><Encryption>E002</Encryption><Signature>A005 A006</Signature></Version>` +
		`<Recovery supported="true"/><PreValidation supported="false"/><ClientDataDownload supported="true"/><DownloadableOrderData supported="true"/>` +
		`</ProtocolParams></HPDResponseOrderData>`)
}

// available writes HAA: what a partner would get now.
func (b *bank) available(ctx context.Context, tx *books.Tx, partner ebics.PartnerID, v ebics.Version) ([]byte, ebics.ReturnCode, error) {
	var ready []string
	var services []htd5Service
	for _, t := range []ebics.OrderType{ebics.HAC, ebics.CRZ, ebics.CDZ, ebics.C53} {
		some, err := tx.HasNews(ctx, partner, t)
		if err != nil {
			return nil, "", err
		}
		if !some {
			continue
		}
		ready = append(ready, string(t))
		if _, service := serviceOf(t); service != nil {
			services = append(services, *newService(service))
		}
	}
	document := struct {
		XMLName  xml.Name
		Types    string        `xml:"OrderTypes,omitempty"`
		Services []htd5Service `xml:"Service"`
	}{XMLName: xml.Name{Space: namespaces[v], Local: "HAAResponseOrderData"}}
	if v == ebics.H005 {
		document.Services = services
	} else {
		document.Types = strings.Join(ready, " ")
	}
	if document.Types == "" && document.Services == nil {
		return nil, ebics.NoDownloadDataAvailable, nil
	}
	text, err := marshal(document)
	return text, ebics.OK, err
}
