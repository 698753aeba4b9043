// The SCIM URL to paste into an identity provider, and the one of this page's own address where the two differ, as
// they may behind a tunnel that the server knows nothing of.

import { html } from './html.js'
import { CopyField } from './parts.js'

/** @param {{ url: string }} props */
export function ScimUrl({ url }) {
  const here = new URL('./scim/v2', location.href).href
  return html`
    <${CopyField} label="SCIM URL" what="the SCIM URL" value=${url} />
    ${here !== url && html`<${CopyField} label="SCIM URL under the address of this page" what="the SCIM URL under this address" value=${here} />`}
  `
}
