package insightlyscim;

import java.time.Instant;
import java.util.List;

/**
 * A user as Insightly's REST API shows it, with its licences; what is null there is null here.
 *
 * @param userId Insightly's USER_ID
 * @param contactId Insightly's CONTACT_ID
 * @param firstName Insightly's FIRST_NAME, may be null
 * @param lastName Insightly's LAST_NAME, may be null
 * @param timezoneId Insightly's TIMEZONE_ID
 * @param emailAddress Insightly's EMAIL_ADDRESS, the userName of SCIM
 * @param emailDropboxIdentifier Insightly's EMAIL_DROPBOX_IDENTIFIER
 * @param emailDropboxAddress Insightly's EMAIL_DROPBOX_ADDRESS
 * @param administrator Insightly's ADMINISTRATOR
 * @param accountOwner Insightly's ACCOUNT_OWNER
 * @param active Insightly's ACTIVE
 * @param dateCreatedUtc Insightly's DATE_CREATED_UTC
 * @param dateUpdatedUtc Insightly's DATE_UPDATED_UTC
 * @param userCurrency Insightly's USER_CURRENCY
 * @param contactDisplay Insightly's CONTACT_DISPLAY
 * @param contactOrder Insightly's CONTACT_ORDER
 * @param taskWeekStart Insightly's TASK_WEEK_START
 * @param instanceId Insightly's INSTANCE_ID
 * @param profileId Insightly's PROFILE_ID, may be null
 * @param roleId Insightly's ROLE_ID, may be null
 * @param licenses the products that the user is licensed for
 */
public record User(
    long userId,
    long contactId,
    String firstName,
    String lastName,
    String timezoneId,
    String emailAddress,
    String emailDropboxIdentifier,
    String emailDropboxAddress,
    boolean administrator,
    boolean accountOwner,
    boolean active,
    Instant dateCreatedUtc,
    Instant dateUpdatedUtc,
    String userCurrency,
    String contactDisplay,
    String contactOrder,
    int taskWeekStart,
    long instanceId,
    Long profileId,
    Long roleId,
    List<License> licenses) {}
