package bank

import (
	"context"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/money"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

type stateView struct {
	HostID          ebics.HostID      `json:"hostId"`
	Bank            string            `json:"bank"`
	BIC             string            `json:"bic"`
	BusinessDate    calendar.Date     `json:"businessDate"`
	Open            bool              `json:"open"`
	Hashes          map[string]string `json:"hashes"`            // of the bank's keys, lower-case hexadecimal, by version
	Certificates    map[string]string `json:"certificateHashes"` // of the certificates that they come in in H005, likewise
	NoAccountSuffix string            `json:"noAccountSuffix"`
	Partners        []partnerView     `json:"partners"`
	Accounts        []accountView     `json:"accounts"`
}

type partnerView struct {
	PartnerID  ebics.PartnerID            `json:"partnerId"`
	Users      []userView                 `json:"users"`
	Attributes map[ebics.OrderType]string `json:"attributes"` // agreed, by upload order type
}

type userView struct {
	UserID           ebics.UserID      `json:"userId"`
	Class            veu.Class         `json:"class"`
	State            books.UserState   `json:"state"`
	SignatureVersion string            `json:"signatureVersion,omitempty"` // A005 or A006, once INI is in
	Hashes           map[string]string `json:"hashes"`
	Withdrawn        []ebics.OrderType `json:"withdrawn"` // order types that the user may not use
}

func newUserView(ctx context.Context, tx *books.Tx, u books.User) (userView, error) {
	view := userView{UserID: u.User, Class: u.Class, State: u.State}
	signature, err := decodeKey(u.Signature)
	if err != nil {
		return view, err
	}
	if signature != nil {
		view.SignatureVersion = signature.Version
	}
	if view.Hashes, err = hashes(u); err != nil {
		return view, err
	}
	withdrawn, err := tx.Withdrawn(ctx, u.Subscriber)
	view.Withdrawn = list(withdrawn)
	return view, err
}

// agreements are the attributes of all orders that this bank takes.
func agreements(ctx context.Context, tx *books.Tx, partner ebics.PartnerID) (map[ebics.OrderType]string, error) {
	agreed := make(map[ebics.OrderType]string, len(uploads))
	for o := range uploads {
		attribute, err := tx.Agreement(ctx, partner, o)
		if err != nil {
			return nil, err
		}
		agreed[o] = attribute
	}
	return agreed, nil
}

type accountView struct {
	IBAN           account.IBAN      `json:"iban"`
	Currency       money.Currency    `json:"currency"`
	Owner          string            `json:"owner"`
	HolderPartner  ebics.PartnerID   `json:"holderPartner"`
	BureauPartners []ebics.PartnerID `json:"bureauPartners"`
	OpeningBalance string            `json:"openingBalance"` // at the start of the business date
	Balance        string            `json:"balance"`
}

func newAccountView(a books.Account) accountView {
	return accountView{a.IBAN, a.Balance.Currency, a.Owner, a.Holder, list(a.Bureaus), a.Opening.Decimal(), a.Balance.Decimal()}
}

type orderView struct {
	PartnerID     ebics.PartnerID   `json:"partnerId"`
	OrderID       ebics.OrderID     `json:"orderId"`
	OrderType     ebics.OrderType   `json:"orderType"`
	UserID        ebics.UserID      `json:"userId"`
	TransactionID string            `json:"transactionId"`
	Received      time.Time         `json:"received"`
	State         books.OrderState  `json:"state"`
	Reason        string            `json:"reason,omitempty"`
	MessageID     string            `json:"messageId"`
	Payments      int               `json:"payments"`
	Total         string            `json:"total"`
	DataSHA256    string            `json:"dataSha256"`
	Accounts      []account.IBAN    `json:"accounts"`
	Holders       []ebics.PartnerID `json:"holders"`
	Signatures    []signatureView   `json:"signatures"`
	Complete      bool              `json:"complete"` // the signatures are sufficient
	Required      string            `json:"required"` // the rule, in a sentence
}

type signatureView struct {
	PartnerID ebics.PartnerID `json:"partnerId"`
	UserID    ebics.UserID    `json:"userId"`
	Class     veu.Class       `json:"class"`
	Time      time.Time       `json:"time"`
}

func newOrderView(o books.Order) orderView {
	view := orderView{
		PartnerID: o.Partner, OrderID: o.ID, OrderType: o.Type, UserID: o.User, TransactionID: o.TransactionID, Received: o.Received, State: o.State,
		Reason: o.Reason, MessageID: o.MessageID, Payments: o.Payments, Total: o.Total, DataSHA256: o.DataSHA256, Accounts: list(o.Accounts),
		Holders: list(o.Holders), Signatures: []signatureView{}, Required: veu.Required,
	}
	var signers []veu.Signer
	for _, s := range o.Signatures {
		signers = append(signers, s.Signer)
		view.Signatures = append(view.Signatures, signatureView{s.Partner, s.User, s.Class, s.At})
	}
	view.Complete = veu.Complete(o.Holders, signers)
	return view
}

func (b *bank) viewOrders(ctx context.Context) (any, error) {
	views := []orderView{}
	err := b.books.Do(ctx, func(tx *books.Tx) error {
		orders, err := tx.Orders(ctx)
		for _, o := range orders {
			views = append(views, newOrderView(o))
		}
		return err
	})
	return views, err
}

// logView is one EBICS transaction, finished or not, or one request that never
// became a transaction; of the latter, partner, user and order type are what the
// request claims, and empty if it names none. Finished says that the bank has
// the whole order, or the receipt of a download, or has answered INI, HIA or HPB
// well.
type logView struct {
	TransactionID     string                 `json:"transactionId"`
	Time              time.Time              `json:"time"`
	Ended             *time.Time             `json:"ended,omitempty"`
	PartnerID         ebics.PartnerID        `json:"partnerId"`
	UserID            ebics.UserID           `json:"userId"`
	OrderType         ebics.OrderType        `json:"orderType"`
	OrderAttribute    string                 `json:"orderAttribute"`
	OrderID           ebics.OrderID          `json:"orderId,omitempty"`
	Phase             string                 `json:"phase"` // reached: Initialisation, Transfer, Receipt
	SegmentsReceived  int                    `json:"segmentsReceived"`
	SegmentsAnnounced int                    `json:"segmentsAnnounced"`
	State             books.TransactionState `json:"state"`
	Finished          bool                   `json:"finished"`
	ReturnCode        ebics.ReturnCode       `json:"returnCode,omitempty"` // of the last answer that ended it
	Reason            string                 `json:"reason,omitempty"`
	DataSHA256        string                 `json:"dataSha256,omitempty"`
	MessageID         string                 `json:"messageId,omitempty"`
	Payments          int                    `json:"payments,omitempty"`
}

func (b *bank) viewLog(ctx context.Context) (any, error) {
	b.expire(ctx) // what nobody will finish is not shown as open
	views := []logView{}
	err := b.books.Do(ctx, func(tx *books.Tx) error {
		transactions, err := tx.Transactions(ctx)
		for _, t := range transactions {
			view := logView{
				TransactionID: t.ID, Time: t.Started, PartnerID: t.Subscriber.Partner, UserID: t.Subscriber.User, OrderType: t.OrderType,
				OrderAttribute: t.Attribute, OrderID: t.OrderID, Phase: t.Phase, SegmentsReceived: t.Received, SegmentsAnnounced: t.Announced,
				State: t.State, Finished: t.State == books.Finished, ReturnCode: t.ReturnCode, Reason: t.Reason, DataSHA256: t.DataSHA256,
				MessageID: t.MessageID, Payments: t.Payments,
			}
			if !t.Ended.IsZero() {
				view.Ended = &t.Ended
			}
			views = append(views, view)
		}
		return err
	})
	return views, err
}

type fileView struct {
	PartnerID ebics.PartnerID `json:"partnerId"`
	OrderType ebics.OrderType `json:"orderType"`
	Name      string          `json:"name"`
	Day       calendar.Date   `json:"day"`
	Offered   bool            `json:"offered"`
	Fetched   bool            `json:"fetched"`
}

func (b *bank) viewFiles(ctx context.Context) (any, error) {
	views := []fileView{}
	err := b.books.Do(ctx, func(tx *books.Tx) error {
		documents, err := tx.Documents(ctx)
		for _, d := range documents {
			views = append(views, fileView{d.Partner, d.OrderType, d.Name, d.Day, d.Offered, d.Fetched})
		}
		return err
	})
	return views, err
}

// list makes an empty list of nil, so that JSON shows [] and not null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
