package collect

import (
	"fmt"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

// service is one Service of H005.
func service(name, scope, option, container, message string) string {
	text := "<Service><ServiceName>" + name + "</ServiceName>"
	if scope != "" {
		text += "<Scope>" + scope + "</Scope>"
	}
	if option != "" {
		text += "<ServiceOption>" + option + "</ServiceOption>"
	}
	if container != "" {
		text += `<Container containerType="` + container + `"/>`
	}
	return text + `<MsgName version="09">` + message + "</MsgName></Service>"
}

// H005 names what a user may do by services. They are the order types that the rest of the hub speaks of, so that a contact is asked for the
// same things whatever the version, and direct debits are told apart.
func TestServicesOfH005AreOrderTypes(t *testing.T) {
	permit := func(level, orderType, service string) string {
		return `<Permission AuthorisationLevel="` + level + `"><AdminOrderType>` + orderType + "</AdminOrderType>" + service + "</Permission>"
	}
	text := func(user string) string {
		credit := service("SCT", "DE", "", "", "pain.001")
		return fmt.Sprintf(`<HTDResponseOrderData xmlns="urn:org:ebics:H005"><PartnerInfo><AddressInfo/><BankInfo><HostID>H</HostID></BankInfo>
<AccountInfo ID="1" Currency="EUR"><AccountNumber international="true">%s</AccountNumber><BankCode international="true">TESTDEXXXXX</BankCode><AccountHolder>Invented</AccountHolder></AccountInfo>
<OrderInfo><AdminOrderType>BTU</AdminOrderType>%s<Description>SEPA</Description><NumSigRequired>2</NumSigRequired></OrderInfo>
<OrderInfo><AdminOrderType>BTD</AdminOrderType>%s<Description>camt</Description></OrderInfo></PartnerInfo>
<UserInfo><UserID Status="1">%s</UserID>%s</UserInfo></HTDResponseOrderData>`, ibanA, credit, service("EOP", "DE", "", "ZIP", "camt.053"), user, strings.Join([]string{
			permit("T", "BTU", credit), permit("T", "BTU", service("SDD", "DE", "B2B", "", "pain.008")), permit("T", "BTD", service("EOP", "DE", "", "ZIP", "camt.053")),
			permit("T", "BTD", service("REP", "DE", "SCT", "ZIP", "pain.002")), permit("T", "HAC", ""), permit("T", "BTD", service("OTH", "BIL", "", "", "misc.001")),
		}, ""))
	}
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		h.offerMaster(text(h.contact.UserID))
		h.Must(h.ask())
		m := h.masterData()
		if m == nil {
			t.Fatal("no master data")
		}
		for _, want := range []string{"CCT", "CDB", "C53", "CRZ", "HAC"} {
			if !m.Permits(want) {
				t.Errorf("%s is not permitted by %+v", want, m.Orders)
			}
		}
		for _, never := range []string{"CDD", "CDZ", "C52", "BTU", "BTD"} {
			if m.Permits(never) {
				t.Errorf("%s is permitted by %+v", never, m.Orders)
			}
		}
		found := map[string]hub.PermittedOrder{}
		for _, o := range m.Orders {
			found[o.Type] = o
		}
		if found["CCT"] != (hub.PermittedOrder{Type: "CCT", Description: "SEPA", Upload: true, Signatures: 2, Level: "T"}) || found["C53"].Upload {
			t.Errorf("orders %+v", m.Orders)
		}
		if len(m.Orders) != 6 || found["OTH/BIL/-/-/misc.001.09"].Level != "T" {
			t.Errorf("a service that is no order type is not shown: %+v", m.Orders)
		}
	})
}
