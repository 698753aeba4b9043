package insightly_test

import (
	"fmt"
	"testing"

	insightly "github.com/example/insightly-scim/clients/go"
)

func TestATest(t *testing.T) {
	t.Run("K-34 has an instance of its own on one server, gone when the test ends", func(t *testing.T) {
		var one, two *insightly.Instance
		said := attempt(func(t insightly.TB) {
			one, two = insightly.NewInstance(t), insightly.NewInstance(t)
		})
		equal(t, len(said), 0)
		equal(t, one.URL(), two.URL())
		equal(t, one.Name() != two.Name() && one.SCIMToken() != two.SCIMToken(), true)
		_, err := one.Users(ctx, insightly.UserMatch{})
		equal(t, statusOf(err), 404)
	})

	t.Run("K-34 has it no longer when it fails", func(t *testing.T) {
		var one *insightly.Instance
		said := attempt(func(t insightly.TB) {
			one = insightly.NewInstance(t)
			t.Fatal("on purpose")
		})
		equal(t, fmt.Sprint(said...), "on purpose")
		_, err := one.Users(ctx, insightly.UserMatch{})
		equal(t, statusOf(err), 404)
	})

	t.Run("K-34 fails at once when its instance cannot be made", func(t *testing.T) {
		said := attempt(func(t insightly.TB) {
			insightly.NewInstance(t, insightly.WithName("No Name"))
			t.Error("it went on")
		})
		equal(t, len(said), 1)
	})
}

// A test's own instance, and what it expects of the code that provisions users.
func ExampleNewInstance() {
	test := func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(insightly.StateUser{
			EmailAddress: "ann@example.com", FirstName: "Ann", LastName: "Lee",
		}))
		// Your code stands here; it gets crm.SCIMURL() and crm.SCIMToken().
		crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationDelete}, insightly.Exactly(1))
	}
	_ = test
}
