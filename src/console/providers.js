// The identity providers and their own words: what their forms call the fields that SCIM URL and token go into, and the
// buttons beside them. README.md, docs/identity-providers.md and the console's Connect view all show this table. What no
// public page says is left out; `source` is the page that says the rest.

/**
 * What every guide has done in Insightly itself, in Insightly's own names, which stand between asterisks: before the
 * provider is connected, and when the first users are there.
 */
export const insightlySteps = {
  connect: [
    'Click the *Profile* icon at the top right, and then *System Settings*.',
    'Click the tab *SAML and SCIM*. SCIM depends on *Enable SAML*.',
    'Check *Enable SCIM Provisioning*, press *Save*, and reload the page.',
    'Copy the *SCIM Token* and the *SCIM URL*. *Regenerate* makes a new token, which is valid at once.',
  ],
  license: [
    'Open *System Settings*, *Users*, *User List*.',
    'Open the three-dot menu of a user and click *Edit User Settings*.',
    'Check the *Product User Licenses*, and press *Save User Details*.',
  ],
  sources: [
    'https://www.manageengine.com/ca/identity-360/integrations/insightly-lifecycle-management.html',
    'https://www.miniorange.com/insightly-scim-provisioning',
  ],
}

/**
 * @typedef {object} Provider
 * @property {string} name
 * @property {string} url the field that the SCIM URL goes into
 * @property {string} token the field that the SCIM token goes into
 * @property {string[]} before what to do first; names of the form's own stand between asterisks
 * @property {string[]} between what to do between the two fields
 * @property {string[]} after what to do when both are pasted; the first is what tries the connection, where there is such a thing
 * @property {string} mind what to know about it here, in Markdown
 * @property {string} source
 */

/** @type {Provider[]} */
export const providers = [
  {
    name: 'Okta',
    url: 'SCIM connector base URL',
    token: 'Authorization',
    before: [
      'In your SAML app integration, open *General*, edit *App Settings*, choose *SCIM* under *Provisioning* and save.',
      'Open *Provisioning*, then *Integration*, and press *Edit*.',
    ],
    between: [
      'Type userName into *Unique identifier field for users*.',
      'Tick *Push New Users* and *Push Profile Updates*, and choose *HTTP Header* as the *Authentication Mode*.',
    ],
    after: [
      'Press *Test Connector Configuration*, then *Save*.',
      'Under *To App*, enable *Create Users*, *Update User Attributes* and *Deactivate Users*.',
    ],
    mind: 'no groups: leave *Push Groups* off',
    source:
      'https://github.com/SumoLogic/sumologic-documentation/blob/main/docs/manage/security/scim/provision-from-okta.md',
  },
  {
    name: 'Microsoft Entra ID',
    url: 'Tenant URL',
    token: 'Secret Token',
    before: ['In the enterprise application, open *Provisioning*; where it asks for a mode, choose *Automatic*.'],
    between: [],
    after: [
      'Press *Test Connection*, then *Save* or *Create*.',
      'Remove mappings of attributes that Insightly does not have.',
      'Set the *Provisioning Status* to *On*, or press *Start provisioning*.',
    ],
    mind: '*Test Connection* looks up a user that does not exist and is content with an empty list; matching attribute `userName`',
    source: 'https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
  },
  {
    name: 'ManageEngine Identity360',
    url: 'SCIM Base URL',
    token: 'SCIM Token',
    before: ['In Identity360, open the Insightly application.'],
    between: [],
    after: ['Press *Authorize*, then *Test*.'],
    mind: 'map givenName and familyName, which are required',
    source: 'https://www.manageengine.com/ca/identity-360/integrations/insightly-lifecycle-management.html',
  },
  {
    name: 'miniOrange',
    url: 'SCIM Base URL',
    token: 'Bearer Token',
    before: [
      'In *Apps*, press *Add Application*, choose *Provisioning* and the application *SCIM Server*, and save its name.',
    ],
    between: [],
    after: ['Press *Test Connection*, then *Save & Next*.'],
    mind: 'with *Delete Users* on, a user that is deleted in miniOrange becomes inactive in Insightly',
    source: 'https://www.miniorange.com/iam/content-library/admin-docs/how-to-add-scim-server-app',
  },
  {
    name: 'OneLogin',
    url: 'SCIM Base URL',
    token: 'SCIM Bearer Token',
    before: [
      'Add the application *SCIM Provisioner with SAML (SCIM v2 Enterprise)* and save it.',
      'Open its tab *Configuration*.',
    ],
    between: [],
    after: [
      'Press *Enable*, which makes the first connection, and *Save*.',
      'Under *Provisioning*, tick *Enable Provisioning* and save.',
    ],
    mind: 'the *SCIM JSON Template* needs `userName`, `name.givenName` and `name.familyName`',
    source: 'https://scim.dev/guide/applications/onelogin',
  },
  {
    name: 'JumpCloud',
    url: 'Base URL',
    token: 'Token Key',
    before: [
      'In *SSO Applications*, add a *Custom Application* with *Export users to this app (Identity Management)*, and press *Configure Application*.',
    ],
    between: ['Type the address of a user of JumpCloud into *Test User Email*.'],
    after: ['Press *Test Connection*, then *Activate*, then *Save*.'],
    mind: '',
    source: 'https://docs.byo.propelauth.com/scim/example-setup-guides/jumpcloud',
  },
  {
    name: 'authentik',
    url: 'URL',
    token: 'Token',
    before: ['In *Applications*, press *New Application* and choose *SCIM* as the *Provider Type*.'],
    between: [],
    after: ['Save it, edit the application, and add the new provider under *Backchannel providers*.'],
    mind: '',
    source: 'https://github.com/goauthentik/authentik/blob/main/web/src/admin/providers/scim/SCIMProviderFormForm.ts',
  },
  {
    name: 'Keycloak',
    url: 'SCIM 2.0 endpoint',
    token: 'Bearer token',
    before: [
      'Install the extension keycloak-scim; Keycloak by itself sends nothing.',
      'Under *Events*, *Config*, add scim to *Event Listeners*.',
      'Under *User Federation*, press *Add provider* and choose scim.',
    ],
    between: ['Choose *BEARER* as the *Auth mode*.'],
    after: ['Save it.'],
    mind: '',
    source: 'https://github.com/mitodl/keycloak-scim',
  },
]
