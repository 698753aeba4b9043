/** The image of insightly-scim, run by Testcontainers. */
package insightlyscim.testcontainers;
