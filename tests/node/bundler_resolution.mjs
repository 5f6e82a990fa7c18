// Resolves `./module` as `./module.js`, as bundlers do, which Laserfiche's client is published for.
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || !specifier.startsWith(".")) throw error;
    return next(`${specifier}.js`, context);
  }
}
