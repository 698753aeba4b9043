export default {
  input: new URL('../../../openapi.yaml', import.meta.url).pathname,
  output: { path: 'generated', module: { extension: '.js' } },
}
