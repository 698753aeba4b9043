package insightlycontainer_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	insightly "github.com/example/insightly-scim/clients/go"
	insightlycontainer "github.com/example/insightly-scim/clients/go/testcontainers"
	"github.com/testcontainers/testcontainers-go"
)

func TestAServerInAContainer(t *testing.T) {
	image := os.Getenv("INSIGHTLY_SCIM_IMAGE")
	if image == "" {
		t.Skip("INSIGHTLY_SCIM_IMAGE names no image to be run with Docker")
	}
	container, err := insightlycontainer.Run(context.Background(), image)
	if err != nil {
		t.Fatal(err)
	}
	testcontainers.CleanupContainer(t, container)
	crm := container.Insightly.NewInstance(t, insightly.WithUsers(insightly.StateUser{
		EmailAddress: "ann@example.com", FirstName: "Ann", LastName: "Lee",
	}))
	request, _ := http.NewRequest("DELETE", crm.SCIMURL()+"/Users/1", nil)
	request.Header.Set("Authorization", "Bearer "+crm.SCIMToken())
	if _, err := http.DefaultClient.Do(request); err != nil {
		t.Fatal(err)
	}
	crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationDelete}, insightly.Exactly(1))
}

func TestWithoutDockerOneLineSaysWhatToDo(t *testing.T) {
	t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
	_, err := insightlycontainer.Run(context.Background(), "127.0.0.1:1/insightly-scim")
	// Which of the two it is depends on what else Testcontainers knows of this machine.
	said := fmt.Sprint(err)
	if !strings.Contains(said, "is Docker running") && !strings.Contains(said, "start Docker") || strings.Contains(said, "\n") {
		t.Error(said)
	}
}
